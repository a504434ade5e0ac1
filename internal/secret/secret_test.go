package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"plain": "tops3cret\n", "crlf": "tops3cret\r\n", "two": "a\n\n", "empty": "\n", "huge": strings.Repeat("x", 70_000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{"PLAIN": "tops3cret", "STD": "+/8=", "RAW": "-_8", "BITS": "-_9", "HEX": "00fF", "EMPTY": ""} {
		t.Setenv("SECRET_TEST_"+name, value)
	}
	env := func(name, encoding string) secret.Source {
		return secret.Source{Env: "SECRET_TEST_" + name, Encoding: encoding}
	}
	file := func(name string) secret.Source { return secret.Source{File: name}.Below(dir) }
	for _, tc := range []struct {
		source secret.Source
		want   string // "" is an error
	}{
		{env("PLAIN", ""), "tops3cret"},
		{env("PLAIN", "utf8"), "tops3cret"},
		{env("STD", "base64"), "\xfb\xff"},
		{env("RAW", "base64"), "\xfb\xff"},
		{env("BITS", "base64"), ""},
		{env("PLAIN", "hex"), ""},
		{env("HEX", "hex"), "\x00\xff"},
		{env("EMPTY", ""), ""},
		{env("ABSENT", ""), ""},
		{env("PLAIN", "rot13"), ""},
		{file("plain"), "tops3cret"},
		{file("crlf"), "tops3cret"},
		{file("two"), "a\n"},
		{file("empty"), ""},
		{file("huge"), ""},
		{file("absent"), ""},
	} {
		got, err := tc.source.Read()
		if (err == nil) != (tc.want != "") || string(got.Bytes()) != tc.want {
			t.Errorf("%+v: got %q, %v", tc.source, got.Bytes(), err)
		}
		if err != nil && strings.Contains(err.Error(), "tops3cret") {
			t.Errorf("%+v: the error holds the secret: %v", tc.source, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		source secret.Source
		want   string
	}{
		{secret.Source{Env: "A"}, ""},
		{secret.Source{File: "a", Encoding: "hex"}, ""},
		{secret.Source{}, "[]"},
		{secret.Source{Env: "A", File: "b"}, "[]"},
		{secret.Source{Env: "A", Encoding: "base32"}, "[encoding]"},
	} {
		got := ""
		tc.source.Check(func(path, _ string) { got += "[" + path + "]" })
		if got != tc.want {
			t.Errorf("%+v: got %s, want %s", tc.source, got, tc.want)
		}
	}
}

func TestBelow(t *testing.T) {
	t.Parallel()
	abs := filepath.Join(t.TempDir(), "a")
	for _, tc := range [][2]string{{"a", filepath.Join("dir", "a")}, {abs, abs}, {"", ""}} {
		if got := (secret.Source{File: tc[0]}).Below("dir"); got.File != tc[1] {
			t.Errorf("%q became %q", tc[0], got.File)
		}
	}
	if !(secret.Source{}).Below("dir").IsZero() {
		t.Error("nothing became something")
	}
}

func TestNeverPrints(t *testing.T) {
	t.Parallel()
	v := secret.Of([]byte("tops3cret"))
	type holder struct {
		Exported secret.Value
		hidden   secret.Value
		list     []secret.Value
	}
	h := holder{v, v, []secret.Value{v}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%o"} {
		fmt.Fprintf(&out, verb+verb+verb+verb+"\n", v, &v, h, &h)
	}
	fmt.Fprintln(&out, v.String(), v.GoString())
	if err := json.NewEncoder(&out).Encode([]any{v, &v, h}); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", v, "h", h)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", v, "h", h)
	for _, form := range []string{"tops3cret", "746f7073", "746F7073", "116 111 112", "164"} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret is in the output as %q:\n%s", form, out.String())
		}
	}
	if len(secret.Value{}.Bytes()) != 0 {
		t.Error("the zero secret is not empty")
	}
}
