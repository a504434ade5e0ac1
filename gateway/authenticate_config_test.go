package gateway_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// anyone is a program's own method.
type anyone struct{}

func (anyone) Authenticate(*http.Request) (authz.Identity, *authz.Rejection, error) {
	return authz.Identity{}, nil, nil
}

// TestJWTWithoutProviders: a section that asks for tokens and says nothing of whose is refused, and does not open the gateway
// to everybody. A program that recognises callers itself may say what subgraphs are told, and nothing that nobody would do.
func TestJWTWithoutProviders(t *testing.T) {
	t.Setenv("GATEHOUSE_TEST_ADMIN", strings.Repeat("x", 32))
	own := gateway.WithAuthenticator(anyone{})
	for name, tc := range map[string]struct {
		text   string
		option gateway.Option
		want   []string // the paths
	}{
		"rejections": {
			`{"jwt":{"tokenLookup":[{"header":"authorization","prefix":"Bearer"}],"reject":{"missingToken":true,"invalidToken":true}}}`,
			nil, []string{"jwt.providers"},
		},
		"an empty section":    {`{"jwt":{}}`, nil, []string{"jwt.providers"}},
		"an empty list":       {`{"jwt":{"providers":[]}}`, nil, []string{"jwt.providers"}},
		"only told":           {`{"jwt":{"forward":{"token":true}}}`, nil, []string{"jwt.providers"}},
		"no section":          {`{}`, nil, nil},
		"an admin secret":     {`{"adminSecret":{"header":"x-admin","secrets":[{"env":"GATEHOUSE_TEST_ADMIN"}]}}`, nil, nil},
		"administrators only": {`{"adminSecret":{"header":"x-admin","secrets":[{"env":"GATEHOUSE_TEST_ADMIN"}]},"jwt":{"reject":{"missingToken":true}}}`, nil, []string{"jwt.providers"}},
		"of a program":        {`{"jwt":{"reject":{"missingToken":true},"forward":{},"scopes":{"claims":["a"]}}}`, own, []string{"jwt.reject", "jwt.scopes"}},
		"told by a program":   {`{"jwt":{"forward":{"token":true}}}`, own, nil},
		"a program's, empty":  {`{"jwt":{"providers":[]}}`, own, nil},
		"both":                {`{"jwt":{"providers":[{"name":"a","secret":{"env":"X"}}]}}`, own, []string{"jwt.providers"}},
	} {
		config, err := gateway.ParseConfig([]byte(tc.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		config.Supergraph.Path = "../examples/subgraphs/supergraph-open.graphql"
		var options []gateway.Option
		if tc.option != nil {
			options = append(options, tc.option)
		}
		g, err := gateway.New(config, options...)
		if err == nil {
			g.Close()
		}
		var paths []string
		if refused, ok := errors.AsType[*gateway.ConfigError](err); ok {
			for _, p := range refused.Problems {
				paths = append(paths, p.Path)
			}
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Join(paths, " ") != strings.Join(tc.want, " ") {
			t.Errorf("%s: the problems are at %v, want %v", name, paths, tc.want)
		}
	}
}
