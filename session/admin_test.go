package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/session"
)

const oldSecret, newSecret = "an admin secret of 32 or more bytes", "another admin secret that is long enough"

// adminConfig has two secrets in files.
func adminConfig(tb testing.TB) session.AdminConfig {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range map[string]string{"old": oldSecret, "new": newSecret + "\n", "short": strings.Repeat("x", 31)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return session.AdminConfig{Header: "X-Hasura-Admin-Secret", Secrets: []secret.Source{{File: "new"}, {File: "old"}}}.Below(dir)
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	for _, next := range []authz.Method{nil, nextMethod{}} {
		a, err := session.NewAdmin(adminConfig(t), next)
		if err != nil {
			t.Fatal(err)
		}
		absent := "anonymous"
		if next != nil {
			absent = "next"
		}
		for name, tc := range map[string]struct {
			header http.Header
			want   string
		}{
			"absent":           {http.Header{"X-Other": {"1"}, "Authorization": {"Bearer x"}}, absent},
			"new":              {headerOf("x-hasura-admin-secret: " + newSecret), "admin"},
			"old, and a token": {headerOf("X-HASURA-ADMIN-SECRET: "+oldSecret, "Authorization: Bearer x"), "admin"},
			"wrong":            {headerOf("x-hasura-admin-secret: "+strings.ToUpper(newSecret), "Authorization: Bearer x"), "401"},
			"a part":           {headerOf("x-hasura-admin-secret: " + newSecret[:32]), "401"},
			"more":             {headerOf("x-hasura-admin-secret: " + newSecret + "x"), "401"},
			"empty":            {headerOf("x-hasura-admin-secret: "), "401"},
			"without values":   {http.Header{"X-Hasura-Admin-Secret": nil}, "BAD_REQUEST"},
			"both":             {headerOf("x-hasura-admin-secret: "+newSecret, "x-hasura-admin-secret: "+oldSecret), "BAD_REQUEST"},
			"right and wrong":  {headerOf("x-hasura-admin-secret: x", "x-hasura-admin-secret: "+newSecret), "BAD_REQUEST"},
			"in one line":      {headerOf("x-hasura-admin-secret: " + newSecret + ", " + oldSecret), "401"},
		} {
			id, rejection, err := a.Authenticate(&http.Request{Header: tc.header})
			got := "anonymous"
			switch {
			case errors.Is(err, errNext):
				got = "next"
			case err != nil:
				got = string(gqlerr.CodeOf(err))
			case rejection != nil:
				got = fmt.Sprint(rejection.StatusCode())
				if rejection.Challenge == "" || rejection.GraphQLError().Code != gqlerr.Unauthenticated {
					t.Errorf("%s: rejected with %+v", name, rejection)
				}
			case id.Admin:
				got = "admin"
			}
			if got != tc.want || got != "admin" && id.Authenticated() || id.Token != "" || id.Claims() != nil {
				t.Errorf("%s: got %s, %v", name, got, id)
			}
		}
		if text := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Contains(text, "secret of") || strings.Contains(text, "secret that") {
			t.Errorf("the secret can be printed: %s", text)
		}
	}
}

func TestAdminProblems(t *testing.T) {
	t.Parallel()
	good := adminConfig(t)
	dir := filepath.Dir(good.Secrets[0].File)
	for name, tc := range map[string]struct {
		config session.AdminConfig
		want   string
	}{
		"good":        {good, ""},
		"short":       {session.AdminConfig{Header: "x-a", Secrets: []secret.Source{{File: filepath.Join(dir, "short")}}}, "secrets[0]: has fewer than 32 bytes"},
		"absent":      {session.AdminConfig{Header: "x-a", Secrets: []secret.Source{{File: "absent"}}}, "secrets[0]: "},
		"no header":   {session.AdminConfig{Secrets: good.Secrets}, "header: "},
		"a token's":   {session.AdminConfig{Header: "authorization", Secrets: good.Secrets}, "header: "},
		"a role's":    {session.AdminConfig{Header: "x-hasura-role", Secrets: good.Secrets}, "header: "},
		"no secrets":  {session.AdminConfig{Header: "x-a"}, "secrets: "},
		"no source":   {session.AdminConfig{Header: "x-a", Secrets: []secret.Source{{}}}, "secrets[0]: "},
		"no encoding": {session.AdminConfig{Header: "x-a", Secrets: []secret.Source{{Env: "A", Encoding: "rot13"}}}, "secrets[0].encoding: "},
	} {
		_, err := session.NewAdmin(tc.config, nil)
		if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
