package fedgen

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
)

// Outages: one subgraph fails as a whole. What is left of an answer must be what it is without the outage, each null that is not must
// be explained by an error, and no subgraph may be sent a null in place of a value that is unknown (the servers look at what
// they are sent, also the one that fails).

// failing answers in the place of a subgraph that executes requests and then fails.
var failing = map[string]func(w http.ResponseWriter, whole []byte){
	"503": func(w http.ResponseWriter, _ []byte) { http.Error(w, "overloaded", http.StatusServiceUnavailable) },
	"a page": func(w http.ResponseWriter, _ []byte) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>sorry</html>")
	},
	"an error":             func(w http.ResponseWriter, _ []byte) { fmt.Fprint(w, `{"errors":[{"message":"no"}]}`) },
	"an error and no data": func(w http.ResponseWriter, _ []byte) { fmt.Fprint(w, `{"data":null,"errors":[{"message":"no"}]}`) },
	"nothing":              func(w http.ResponseWriter, _ []byte) { fmt.Fprint(w, `{}`) },
	"null":                 func(w http.ResponseWriter, _ []byte) { fmt.Fprint(w, `{"data":null}`) },
	"a part":               func(w http.ResponseWriter, whole []byte) { _, _ = w.Write(whole[:len(whole)/2]) },
	"a closed connection":  func(http.ResponseWriter, []byte) { panic(http.ErrAbortHandler) },
}

// outage stands between the gateway and the subgraphs.
type outage struct {
	subgraphs http.Handler

	mu        sync.Mutex
	down, how string
}

// begin has another subgraph down.
func (o *outage) begin(down, how string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down, o.how = down, how
}

// of tells how a request fails; "" when it does not.
func (o *outage) of(path string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if path != "/"+o.down {
		return ""
	}
	return o.how
}

func (o *outage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	how := o.of(r.URL.Path)
	if how == "" {
		o.subgraphs.ServeHTTP(w, r)
		return
	}
	whole := httptest.NewRecorder()
	o.subgraphs.ServeHTTP(whole, r)
	failing[how](w, whole.Body.Bytes())
}

// checkOutage runs a request while a subgraph is down.
func (g *gateway) checkOutage(o *outage, r request) *failure {
	want, err := g.servers.world.oracle(r)
	if err != nil {
		return nil // check says whether that is right
	}
	response, plan, stage, err := g.run(r)
	violations, requests, _ := g.servers.drain()
	f := &failure{stage: "outage: " + stage, request: r, plan: plan, requests: requests, got: string(response), want: canonical(want.data)}
	var got struct {
		Data   any
		Errors []struct{ Path []any }
	}
	if err == nil {
		err = json.Unmarshal(response, &got)
	}
	var paths [][]any
	for _, e := range got.Errors {
		paths = append(paths, e.Path)
	}
	switch {
	case err != nil:
		f.detail = err.Error()
	case len(violations) > 0:
		f.detail = violations[0]
	default:
		d := damage{paths}
		f.detail = d.compare(got.Data, plain(want.data), nil)
	}
	if f.detail == "" {
		return nil
	}
	f.detail = fmt.Sprintf("%s is down (%s): %s", o.down, o.how, f.detail)
	return f
}

// damage is what an outage did to an answer.
type damage struct {
	errors [][]any // their paths
}

// compare tells what a part of the data has that the whole answer has not, or what it lacks without an error that explains it; ""
// for nothing.
func (d *damage) compare(got, whole any, at []any) string {
	below := func(step any) []any { return append(slices.Clip(at), step) }
	switch w := whole.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		if len(g) != len(w) {
			return fmt.Sprintf("other fields at %s", canonical(at))
		}
		for _, key := range sortedKeys(w) {
			v, there := g[key]
			if !there {
				return fmt.Sprintf("no field %s at %s", key, canonical(at))
			}
			if problem := d.compare(v, w[key], below(key)); problem != "" {
				return problem
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			break
		}
		for i := range w {
			if problem := d.compare(g[i], w[i], below(i)); problem != "" {
				return problem
			}
		}
		return ""
	}
	switch {
	case canonical(got) == canonical(whole):
		return ""
	case got != nil:
		return fmt.Sprintf("%s in place of %s at %s", canonical(got), canonical(whole), canonical(at))
	case !slices.ContainsFunc(d.errors, func(path []any) bool { return explains(path, at) }):
		return fmt.Sprintf("null without an error in place of %s at %s", canonical(whole), canonical(at))
	}
	return ""
}

// explains tells whether an error explains a null: it is about the same root field. More cannot be said: an object above the null
// may require what failed, at whatever place below that object.
func explains(path, at []any) bool { return len(path) == 0 || len(at) == 0 || path[0] == at[0] }

// outageOperations is how many operations are run on each federation while something is down.
const outageOperations = 5

// runOutages runs random operations on a federation, each while another subgraph is down in another way.
func runOutages(f *federation, n int) ([]*failure, error) {
	w, err := newWorld(f.seed, f.subgraphs, worldOptions{})
	if err != nil {
		return nil, err
	}
	o := &outage{}
	g, err := newGatewayBehind(f, w, func(h http.Handler) http.Handler { o.subgraphs = h; return o })
	if err != nil {
		return nil, err
	}
	defer g.http.Close()
	ways := sortedKeys(failing)
	random := opgen.New(g.schema, f.seed, opgen.Options{Depth: 5, Fields: 30, Mutations: 10, Nulls: true})
	var list []*failure
	for i := range n {
		document, variables := random.Next()
		o.begin(w.parts[i%len(w.parts)].name, ways[(f.seed+uint64(i))%uint64(len(ways))])
		if failed := g.checkOutage(o, request{document, string(variables)}); failed != nil {
			list = append(list, failed)
		}
	}
	return list, nil
}

func TestOutages(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/c*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		f, err := readFederation(file)
		if err != nil {
			t.Fatal(err)
		}
		failed, err := runOutages(f, max(outageOperations, *operations))
		if err != nil {
			t.Fatal(err)
		}
		for _, failure := range failed {
			t.Errorf("%s, seed %d: %s", f.name, f.seed, failure)
		}
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	whole := `{"a":[{"b":1,"c":{"d":2}}],"e":3}`
	for _, c := range []struct{ title, data, errors, want string }{
		{"the whole answer", whole, `[]`, ""},
		{"null and its error", `{"a":[{"b":null,"c":{"d":2}}],"e":3}`, `[["a",0,"b"]]`, ""},
		{"null and an error above", `{"a":[{"b":null,"c":{"d":2}}],"e":3}`, `[["a"]]`, ""},
		{"null and an error below", `{"a":null,"e":3}`, `[["a",0,"c","d"]]`, ""},
		{"null and an error about what it requires", `{"a":[{"b":null,"c":{"d":2}}],"e":3}`, `[["a",0,"c"]]`, ""},
		{"null and an error without a path", `{"a":[{"b":null,"c":{"d":2}}],"e":3}`, `[null]`, ""},
		{"nothing and an error", `null`, `[["a"]]`, ""},
		{"null without an error", `{"a":[{"b":null,"c":{"d":2}}],"e":3}`, `[]`, "null without an error"},
		{"null and an error elsewhere", `{"a":[{"b":null,"c":{"d":2}}],"e":null}`, `[["e"]]`, "null without an error"},
		{"null and an error beside it", `{"a":[{"b":null,"c":{"d":2}}],"e":3}`, `[["a",0,"c","d"]]`, ""},
		{"another value", `{"a":[{"b":4,"c":{"d":2}}],"e":3}`, `[[]]`, "4 in place of 1"},
		{"an element less", `{"a":[],"e":3}`, `[[]]`, "in place of"},
		{"a field less", `{"a":[{"b":1,"c":{"d":2}}]}`, `[[]]`, "other fields"},
	} {
		var d damage
		var got, want any
		err := errors.Join(json.Unmarshal([]byte(c.data), &got), json.Unmarshal([]byte(c.errors), &d.errors), json.Unmarshal([]byte(whole), &want))
		if err != nil {
			t.Fatal(err)
		}
		if problem := d.compare(got, want, nil); !strings.Contains(problem, c.want) || c.want == "" && problem != "" {
			t.Errorf("%s: %q, want %q", c.title, problem, c.want)
		}
	}
}
