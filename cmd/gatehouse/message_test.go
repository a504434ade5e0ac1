package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestMessage holds how errors are shown: what was found together is a list, and all lines but the first are indented.
func TestMessage(t *testing.T) {
	t.Parallel()
	one, two := errors.New("one"), errors.New("two")
	config := &gateway.ConfigError{File: "f", Problems: []gateway.Problem{{Path: "a", Text: "is wrong"}, {Path: "b", Text: "is, too"}}}
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"one":                  {one, "gatehouse: one"},
		"one, joined":          {errors.Join(errors.Join(one)), "gatehouse: one"},
		"two":                  {errors.Join(one, two), "gatehouse: 2 problems\n  one\n  two"},
		"two, joined twice":    {errors.Join(errors.Join(one, two)), "gatehouse: 2 problems\n  one\n  two"},
		"more lines, not ours": {fmt.Errorf("reading: %w", errors.Join(one, two)), "gatehouse: reading: one\n  two"},
		"a configuration":      {config, "gatehouse: configuration f: 2 problems\n  a: is wrong\n  b: is, too"},
	} {
		if got := message(tc.err); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// TestCheckRefusesJWTWithoutProviders: who asks for rejections and forgets whose tokens are accepted is told, and gets no gateway
// that is open to all.
func TestCheckRefusesJWTWithoutProviders(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "gateway.config.json")
	if err := os.WriteFile(file, []byte(`{"jwt": {"reject": {"missingToken": true}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "check", "--config", file, "--supergraph", "../../examples/subgraphs/supergraph-open.graphql")
	if err == nil || !strings.Contains(err.Error(), "jwt.providers: must say whose tokens are accepted") || strings.Contains(out, ": ok") {
		t.Errorf("check says %q, %v", out, err)
	}
}

// TestCheckReportsAll wants what cannot be read for one stage to be told together with what cannot for another.
func TestCheckReportsAll(t *testing.T) {
	t.Parallel()
	supergraph, err := filepath.Abs(exampleSupergraph)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "gateway.config.json")
	text := fmt.Sprintf(`{
		"supergraph": {"path": %q},
		"headers": [{"name": "x-key", "value": {"env": "GATEHOUSE_TEST_ABSENT_1"}}],
		"signing": {"keys": [{"id": "a", "secret": {"env": "GATEHOUSE_TEST_ABSENT_2"}}]},
		"jwt": {"providers": [{"name": "a", "secret": {"env": "GATEHOUSE_TEST_ABSENT_3"}}]},
		"adminSecret": {"header": "x-admin", "secrets": [{"env": "GATEHOUSE_TEST_ABSENT_4"}]},
		"authorization": {"policies": {"sources": {"cedar": {"file": "absent.cedar"}}}}
	}`, supergraph)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = run(t, "check", "--config", file)
	if err == nil {
		t.Fatal("it is accepted")
	}
	absent := func(n int) string {
		return fmt.Sprintf("the environment variable GATEHOUSE_TEST_ABSENT_%d is not set", n)
	}
	want := "gatehouse: 5 problems" +
		"\n  authorization.policies.sources.cedar: reading policies: open " + filepath.Join(filepath.Dir(file), "absent.cedar") + ": no such file or directory" +
		"\n  headers: header \"x-key\": " + absent(1) +
		"\n  signing.keys[0].secret: " + absent(2) +
		"\n  jwt: provider \"a\": " + absent(3) +
		"\n  adminSecret.secrets[0]: " + absent(4)
	if got := message(err); got != want {
		t.Errorf("check says\n%s\nwant\n%s", got, want)
	}
}
