package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const exampleSupergraph = "../../examples/subgraphs/supergraph.graphql"

// build compiles the command.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "gatehouse")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return binary
}

// start runs the command until the test ends or the returned function, which waits for its end, is called.
func start(t *testing.T, binary string, arguments ...string) (lines *bufio.Scanner, stop func() error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, arguments...)
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(reader), func() error {
		go func() { _, _ = io.Copy(io.Discard, reader) }()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		return cmd.Wait()
	}
}

// TestDemo does what the README says first: it starts the demo and runs the commands that the demo prints.
func TestDemo(t *testing.T) {
	t.Parallel()
	lines, stop := start(t, build(t), "demo", "--listen", "127.0.0.1:0")
	var url string
	var queries []string
	query := regexp.MustCompile(`-d '(.*)'$`)
	for lines.Scan() {
		line := lines.Text()
		if i := strings.Index(line, "http://"); i >= 0 {
			url = strings.Fields(line[i:])[0]
		}
		if m := query.FindStringSubmatch(line); m != nil {
			queries = append(queries, m[1])
		}
		if strings.HasPrefix(line, "Stop") {
			break
		}
	}
	if len(queries) != len(demoQueries) {
		t.Errorf("the demo prints the queries %q", queries)
	}
	for _, q := range queries {
		body := post(t, url, q)
		if !strings.HasPrefix(body, `{"data":{`) || strings.Contains(body, "errors") || strings.Contains(body, `{"data":{"me":null`) {
			t.Errorf("%s\nanswers %s", q, body)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

// TestServe: a supergraph without a configuration file.
func TestServe(t *testing.T) {
	t.Parallel()
	binary := build(t)
	lines, stop := start(t, binary, "serve", "--supergraph", exampleSupergraph, "--listen", "127.0.0.1:0", "--insecure-ignore-auth")
	url := ""
	for url == "" && lines.Scan() {
		if m := regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(lines.Text()); m != nil {
			url = m[1]
		}
	}
	if body := post(t, url, `{"query":"{__typename}"}`); body != `{"data":{"__typename":"Query"}}` {
		t.Errorf("got %s", body)
	}
	if err := stop(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}

	out, err := exec.CommandContext(t.Context(), binary, "serve", "--supergraph", exampleSupergraph, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--insecure-ignore-auth") || !strings.Contains(string(out), "Query.me") {
		t.Errorf("a supergraph with auth directives: %v\n%s", err, out)
	}
}

func post(t *testing.T, url, body string) string {
	t.Helper()
	client := http.Client{Timeout: 20 * time.Second}
	answer, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run executes a verb in this process.
func run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(arguments)
	err := root.ExecuteContext(context.Background())
	return out.String(), err
}

func TestPlan(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "q.graphql")
	document := `query A($more: Boolean!) { topProducts { upc inStock @include(if: $more) } } query B { users { name } }`
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	base := []string{"plan", "--supergraph", exampleSupergraph, "--query", file}
	for name, tc := range map[string]struct {
		arguments  []string
		want, fail string
	}{
		"normalize":      {[]string{"--operation", "A", "--stage", "normalize"}, "inStock @include(if: $more)", ""},
		"paths":          {[]string{"--operation", "A", "--stage", "paths", "--variables", `{"more":true}`}, "topProducts.inStock (Product)\n  inventory by upc", ""},
		"fetches":        {[]string{"--operation", "A", "--stage", "fetches", "--variables", `{"more":true}`}, "2 inventory by upc at topProducts, needs 1", ""},
		"plan":           {[]string{"--operation", "A", "--variables", `{"more":true}`}, "Fetch 2 inventory, needs 1", ""},
		"another":        {[]string{"--operation", "B"}, "Fetch 1 accounts", ""},
		"no name":        {nil, "", "OPERATION_RESOLUTION_FAILURE"},
		"bad stage":      {[]string{"--stage", "x"}, "", `unknown stage "x": there are normalize, paths, fetches, plan`},
		"bad variables":  {[]string{"--operation", "A", "--variables", `{"more":1}`}, "", "BAD_USER_INPUT"},
		"without values": {[]string{"--operation", "A"}, "Fetch 1 products", ""},
	} {
		got, err := run(t, append(slices.Clip(base), tc.arguments...)...)
		if tc.fail != "" {
			if err == nil || !strings.Contains(err.Error(), tc.fail) {
				t.Errorf("%s: got %v", name, err)
			}
			continue
		}
		if err != nil || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	out, err := run(t, "check", "--config", "../../gateway.config.json")
	if err != nil || !strings.Contains(out, "supergraph.graphql: ok") || !strings.Contains(out, "warning: the supergraph protects") {
		t.Errorf("got %v\n%s", err, out)
	}
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"listn":1,"graphiql":2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, "check", "--config", bad); err == nil || !strings.Contains(err.Error(), "2 problems") {
		t.Errorf("got %v", err)
	}
	if _, err := run(t, "check", "--supergraph", bad); err == nil {
		t.Error("a supergraph that is none is ok")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out, err := run(t, "version"); err != nil || !strings.HasPrefix(out, "gatehouse ") {
		t.Errorf("got %q, %v", out, err)
	}
}
