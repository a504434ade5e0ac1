package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
)

const (
	exampleSupergraph = "../../examples/subgraphs/supergraph.graphql"
	openSupergraph    = "../../examples/subgraphs/supergraph-open.graphql"
)

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
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		_ = writer.Close() // so that who reads the lines of a command that fails does not wait for ever
		ended <- err
	}()
	return bufio.NewScanner(reader), func() error {
		go func() { _, _ = io.Copy(io.Discard, reader) }()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		return <-ended
	}
}

// TestDemo does what the README says first: it starts the demo and runs the commands that the demo prints.
func TestDemo(t *testing.T) {
	t.Parallel()
	lines, stop := start(t, build(t), "demo", "--listen", "127.0.0.1:0")
	var url, caller string
	tokens := map[string]string{}
	answers := map[string]string{}
	token := regexp.MustCompile(`^  ([A-Z]+)=(\S+)$`)
	bearer := regexp.MustCompile(`Bearer \$([A-Z]+)"`)
	query := regexp.MustCompile(`-d '(.*)'$`)
	for lines.Scan() {
		line := lines.Text()
		if m := regexp.MustCompile(`http://\S+`).FindString(line); m != "" {
			url, caller = m, ""
		}
		if m := token.FindStringSubmatch(line); m != nil {
			tokens[m[1]] = m[2]
		}
		if m := bearer.FindStringSubmatch(line); m != nil {
			caller = m[1]
		}
		if m := query.FindStringSubmatch(line); m != nil {
			answers[caller] = post(t, url, m[1], tokens[caller])
			if caller == "ADMIN" {
				answers["anonymous"] = post(t, url, m[1], "")
			}
		}
		if strings.HasPrefix(line, "Stop") {
			break
		}
	}
	for who, want := range map[string]string{
		"":          `{"data":{"topProducts":[{"upc":"1",`,
		"anonymous": `{"data":{"me":null,"topProducts":[{"name":"Table","cost":null}]},"errors":[{"message":"Unauthorized field or type","path":["me"],"extensions":{"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"me","reason":"UNAUTHENTICATED"}},`,
		"CUSTOMER":  `{"data":{"me":{"name":"Chiyo Tanaka","email":null},"topProducts":[{"name":"Table","cost":null}]},"errors":[`,
		"SUPPORT":   `{"data":{"me":{"name":"Bruno Keller","email":"bruno@shop.example"},"topProducts":[{"name":"Table","cost":null}]},"errors":[`,
		"ADMIN":     `{"data":{"me":{"name":"Amara Okafor","email":"amara@shop.example"},"topProducts":[{"name":"Table","cost":{"amount":`,
	} {
		if got := answers[who]; !strings.HasPrefix(got, want) || (who == "" || who == "ADMIN") == strings.Contains(got, "errors") {
			t.Errorf("%s: got %s", who, got)
		}
	}
	checkREADME(t, url, tokens)
	if err := stop(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

// TestServe: a supergraph, and a configuration file that says where operators ask.
func TestServe(t *testing.T) {
	t.Parallel()
	binary := build(t)
	config := filepath.Join(t.TempDir(), "gateway.json")
	if err := os.WriteFile(config, []byte(`{"admin":{"listen":"127.0.0.1:0"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, stop := start(t, binary, "serve", "--config", config, "--supergraph", openSupergraph, "--listen", "127.0.0.1:0")
	url, admin := "", ""
	for url == "" && lines.Scan() {
		if m := regexp.MustCompile(`msg="?([a-z ]+)"? url=(\S+)`).FindStringSubmatch(lines.Text()); m != nil {
			if m[1] == "serving operators" {
				admin = m[2]
			} else {
				url = m[2]
			}
		}
	}
	response, err := http.Get(admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(text), "gatehouse_authorization_dry_run 0") || response.Body.Close() != nil {
		t.Errorf("got %s, %v", text, err)
	}
	if body := post(t, url, `{"query":"{__typename}"}`, ""); body != `{"data":{"__typename":"Query"}}` {
		t.Errorf("got %s", body)
	}
	if err := stop(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}

	out, err := exec.CommandContext(t.Context(), binary, "serve", "--supergraph", exampleSupergraph, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "jwt.providers") || !strings.Contains(string(out), "Mutation.updateProfile") {
		t.Errorf("a supergraph with auth directives: %v\n%s", err, out)
	}
}

func post(t *testing.T, url, body, token string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
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
	t.Setenv("JWT_SECRET", strings.Repeat("s", 32))
	t.Setenv("SUBGRAPH_HMAC_SECRET", strings.Repeat("h", 32))
	out, err := run(t, "check", "--config", "../../gateway.config.json")
	if err != nil || !strings.Contains(out, "supergraph.graphql: ok") || !strings.Contains(out, "warning: ") {
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
	// What is wrong with the rules is said although nobody recognises callers, and then that.
	if out, err := run(t, "check", "--supergraph", exampleSupergraph); err == nil || !strings.Contains(err.Error(), "jwt.providers") ||
		!strings.Contains(out, `warning: the policy "finance" has no source`) || strings.Contains(out, ": ok") {
		t.Errorf("got %v\n%s", err, out)
	}
	// A field that requires itself is a warning: the rest is served.
	circle := filepath.Join(filepath.Dir(bad), "circle.graphql")
	sdl, err := os.ReadFile("../../planner/testdata/requires-circular/supergraph.graphql")
	if err != nil {
		t.Fatal(err)
	}
	sdl = bytes.Replace(sdl, []byte("a1: Int @join__field(graph: A)"), []byte(`a1: Int @join__field(graph: A, requires: "b1")`), 1)
	if err := os.WriteFile(circle, sdl, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, "check", "--supergraph", circle); err != nil || !strings.Contains(out, circle+": ok") ||
		!strings.Contains(out, "warning: no subgraph can resolve Product.a1: it requires Product.b1, which requires Product.a1\n") {
		t.Errorf("got %v\n%s", err, out)
	}
	// A configuration that is wrong does not hide what is wrong with the supergraph, whoever names that.
	named := filepath.Join(filepath.Dir(bad), "named.json")
	if err := os.WriteFile(named, []byte(`{"listn":1,"supergraph":{"path":"bad.json"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"check", "--config", named}, {"check", "--config", bad, "--supergraph", bad}} {
		_, err := run(t, arguments...)
		if err == nil || !strings.Contains(err.Error(), "listn") || !strings.Contains(err.Error(), "loading the supergraph: ") {
			t.Errorf("%v: got %v", arguments, err)
		}
	}
}

// TestPortInUse: it is said what to do.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	address := listener.Addr().String()
	for _, arguments := range [][]string{{"serve", "--supergraph", openSupergraph, "--listen", address}, {"demo", "--listen", address}} {
		_, err := run(t, arguments...)
		if err == nil || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), "already in use") || !strings.Contains(err.Error(), "--listen") {
			t.Errorf("%v: got %v", arguments, err)
		}
	}
}

// TestMistakes: whoever misses a flag or mistypes one is told what to give.
func TestMistakes(t *testing.T) {
	t.Setenv("SUBGRAPH_HMAC_SECRET", strings.Repeat("h", 32))
	plaintext := filepath.Join(t.TempDir(), "plaintext.json")
	if err := os.WriteFile(plaintext, []byte(`{"signing":{"keys":[{"id":"a","secret":"hunter2"}]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, arguments := range map[string][]string{
		`unknown flag: --nope; see "gatehouse keys derive --help"`: {"keys", "derive", "--nope"},
		`Did you mean this?`:            {"serv"},
		`--query`:                       {"plan", "--supergraph", openSupergraph},
		`--subgraph`:                    {"keys", "derive", "--secret-env", "SUBGRAPH_HMAC_SECRET"},
		`--secret-env or --secret-file`: {"keys", "derive", "--subgraph", "reviews"},
		`must be {"env": "NAME"} or {"file": "path`: {"check", "--config", plaintext},
		`an address such as 127.0.0.1:4000`:         {"serve", "--supergraph", openSupergraph, "--listen", "4000"},
		`has to be composed`:                        {"serve", "--supergraph", "../../examples/subgraphs/shop/products.graphql"},
	} {
		out, err := run(t, arguments...)
		if err == nil || out != "" || !strings.Contains(message(err), want) || strings.Contains(message(err), "hunter2") {
			t.Errorf("%v: %s %v", arguments, out, err)
		}
	}
	if _, err := run(t, "serv"); err == nil || strings.HasSuffix(message(err), " ") {
		t.Errorf("got %q", message(err))
	}
}

// TestLogFormat: the log is in the format that the configuration says.
func TestLogFormat(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"text": "level=INFO msg=m\n", "json": `"level":"INFO","msg":"m"}` + "\n"} {
		var out bytes.Buffer
		newLogger(&out, gateway.LogConfig{Format: format}).Info("m")
		if !strings.HasSuffix(out.String(), want) {
			t.Errorf("%s: got %s", format, &out)
		}
	}
}

// TestToken: a token that the verb makes is accepted by the committed configuration.
func TestToken(t *testing.T) {
	t.Setenv("JWT_SECRET", strings.Repeat("s", 32))
	t.Setenv("SUBGRAPH_HMAC_SECRET", strings.Repeat("h", 32))
	t.Setenv("SHORT_SECRET", "s")
	out, err := run(t, "token", "--sub", "7", "--scope", "a b", "--claim", `policies=["finance"]`, "--claim", "name=Amara", "--ttl", "1h")
	if err != nil {
		t.Fatal(err)
	}
	config, err := gateway.LoadConfig("../../gateway.config.json")
	if err != nil {
		t.Fatal(err)
	}
	authenticator, err := authz.NewAuthenticator(t.Context(), config.JWT.Config, authz.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	defer authenticator.Close()
	request := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(out))
	caller, rejection, err := authenticator.Authenticate(request)
	if err != nil || rejection != nil || caller.Subject != "7" || !slices.Equal(caller.Scopes(), []string{"a", "b"}) || time.Until(caller.Expiry) > time.Hour ||
		!strings.Contains(string(caller.Claims()), `"name":"Amara"`) || !strings.Contains(string(caller.Claims()), `"policies":["finance"]`) {
		t.Errorf("got %v %v %s", err, rejection, caller.Claims())
	}
	for _, arguments := range [][]string{{"--claim", "x"}, {"--claim", "=x"}, {"--ttl", "-1s"}, {"--secret-env", "NO_SECRET"}, {"--secret-env", "SHORT_SECRET"}} {
		if out, err := run(t, append([]string{"token"}, arguments...)...); err == nil || strings.Contains(out, ".") {
			t.Errorf("%v: %v %s", arguments, err, out)
		}
	}
}

// TestAccess: what the verbs access and plan say about callers.
func TestAccess(t *testing.T) {
	t.Parallel()
	claims, query := filepath.Join(t.TempDir(), "claims.json"), filepath.Join(t.TempDir(), "q.graphql")
	for file, text := range map[string]string{
		claims: `{"sub":"1","scope":"read:email","policies":["finance"]}`,
		query:  `{ me { name email } topProducts { upc cost { amount } } }`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const config = "../../gateway.config.json"
	has := func(text, pattern string) bool { return regexp.MustCompile(`(?m)` + pattern).MatchString(text) }
	out, err := run(t, "access", "--config", config)
	if err != nil || !has(out, `^Query.me +no +@authenticated$`) || !has(out, `^Query.users +yes *$`) || !has(out, `^User.email +no .*@requiresScopes`) {
		t.Errorf("anonymous: %v\n%s", err, out)
	}
	out, err = run(t, "access", "--config", config, "--claims", claims)
	if err != nil || !has(out, `^Query.me +yes *$`) || !has(out, `^User.email +yes *$`) || !has(out, `^Product.cost +yes *$`) || !has(out, `^Mutation.setRole +no `) {
		t.Errorf("with claims: %v\n%s", err, out)
	}
	out, err = run(t, "access", "--config", config, "--json")
	if err != nil || !has(out, `"coordinate": "Query.me",\s+"allowed": false,\s+"unmet": \[\s+"@authenticated"`) {
		t.Errorf("JSON: %v\n%s", err, out)
	}
	if _, err := run(t, "access", "--config", config, "--claims", query); err == nil {
		t.Error("claims that are no JSON")
	}
	plan := []string{"plan", "--supergraph", exampleSupergraph, "--query", query}
	out, err = run(t, append(plan, "--claims", claims)...)
	operation, fetches, _ := strings.Cut(out, "\n\nPlan\n")
	if err != nil || !has(operation, `^ +email$`) || !has(operation, `^ +cost # denied$`) || !strings.Contains(fetches, "email") || strings.Contains(fetches, "cost") ||
		!strings.Contains(operation, `# denied topProducts.cost (Product.cost): @policy(policies: [["finance"]])`) {
		t.Errorf("plan without policies: %v\n%s", err, out)
	}
	out, err = run(t, append(plan, "--claims", claims, "--config", config)...)
	if err != nil || !strings.Contains(out, "email") || !strings.Contains(out, "cost") || strings.Contains(out, "denied") {
		t.Errorf("plan: %v\n%s", err, out)
	}
	out, err = run(t, append(plan, "--claims", claims, "--stage", "normalize")...)
	if err != nil || !strings.Contains(out, "cost # denied") || strings.Contains(out, "Fetch") {
		t.Errorf("the operation that is left: %v\n%s", err, out)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	verb, err := run(t, "version")
	if err != nil || !strings.HasPrefix(verb, "gatehouse ") {
		t.Errorf("got %q, %v", verb, err)
	}
	if flag, err := run(t, "--version"); err != nil || flag != verb {
		t.Errorf("got %q, %v", flag, err)
	}
}
