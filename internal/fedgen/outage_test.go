package fedgen

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/planner"
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
	met       bool // some request was for what is down
	// failed are the attempts with which something is wrong, of operations so many, and noticed so many of which met an outage.
	failed              []*attempt
	operations, noticed int
}

// begin has another subgraph down.
func (o *outage) begin(down, how string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down, o.how, o.met = down, how, false
}

// of tells how a request fails; "" when it does not.
func (o *outage) of(path string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if path != "/"+o.down {
		return ""
	}
	o.met = true
	return o.how
}

// wasMet tells whether some request was for what is down.
func (o *outage) wasMet() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.met
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

// run runs a request while a subgraph is down.
func (o *outage) run(g *gateway, r request, down, how string) {
	o.begin(down, how)
	a := g.expect(r, []expectation{{"subgraph", (*gateway).violated}, {"elsewhere", o.elsewhere}, {"damage", o.damage}})
	o.operations++
	if o.wasMet() {
		o.noticed++
	}
	if a.err != nil {
		a.stage, a.err = "outage: "+a.stage, fmt.Errorf("%s is down (%s): %w", down, how, a.err)
		o.failed = append(o.failed, a)
	}
}

// elsewhere is a field of the root that differs though nothing that it needs is down.
func (o *outage) elsewhere(_ *gateway, a *attempt) string {
	whole, _ := plain(a.want.data).(map[string]any)
	got, _ := a.data.(map[string]any)
	hit, fatal := map[string]bool{}, false
	if o.wasMet() {
		hit, fatal = dependents(a.plan, o.down)
	}
	switch {
	case got == nil && fatal:
		return ""
	case got == nil && whole != nil:
		return "nothing is left, although what needs it may be null"
	}
	for _, key := range sortedKeys(whole) {
		if !hit[key] && canonical(got[key]) != canonical(whole[key]) {
			return fmt.Sprintf("%s of the root does not need it, and is %s in place of %s", key, canonical(got[key]), canonical(whole[key]))
		}
	}
	return ""
}

// dependents are the response keys of the root below which something comes of a subgraph, or of a fetch that waits for it. It is
// fatal for the whole answer when one of these must not be null.
func dependents(plan *planner.Plan, subgraph string) (keys map[string]bool, fatal bool) {
	keys = map[string]bool{}
	hit := map[int]bool{}
	note := func(slot int) {
		s := plan.Root.Slots[slot]
		keys[string(s.Key)] = true
		fatal = fatal || s.Key != "" && s.Type.NonNull
	}
	for _, f := range plan.Fetches {
		waits := slices.ContainsFunc(f.Needs, func(id int) bool { return hit[id] })
		if string(f.Subgraph.Name) != subgraph && !waits {
			continue
		}
		hit[f.ID] = true
		switch {
		case len(f.Path) > 0:
			note(f.Path[0].Slot)
		case f.Root != nil:
			for _, field := range f.Root.Fields {
				note(field.Slot)
			}
		}
		for _, l := range f.Entities {
			for _, t := range l.Targets {
				note(t.Path[0].Slot)
			}
		}
	}
	return keys, fatal
}

// damage is what the outage must not do to the answer.
func (o *outage) damage(_ *gateway, a *attempt) string {
	var d damage
	for _, e := range a.errors {
		d.errors = append(d.errors, e.Path)
	}
	return d.compare(a.data, plain(a.want.data), nil)
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
// may require what failed, at whatever place below that object. That a request for fields of the root failed has no path.
func explains(path, at []any) bool { return len(path) == 0 || len(at) == 0 || path[0] == at[0] }

// outageOperations is how many operations are run on each federation while something is down.
const outageOperations = 5

// runOutages runs the operations of a federation, each with every subgraph that it asks down in every way, and n random ones, each
// with one of them down in some way.
func runOutages(f *federation, n int) *outage {
	o := &outage{}
	w, err := newWorld(f.seed, f.subgraphs, worldOptions{})
	if err != nil {
		o.failed = notStarted(err)
		return o
	}
	g, err := newGatewayBehind(f, w, func(h http.Handler) http.Handler { o.subgraphs = h; return o })
	if err != nil {
		o.failed = notStarted(err)
		return o
	}
	defer g.http.Close()
	for i, r := range f.requests(g.schema, n) {
		o.begin("", "")
		var turns [][2]string // what is down, and how
		for _, got := range g.expect(r, nil).requests {
			for _, how := range sortedKeys(failing) {
				if turn := [2]string{got.subgraph, how}; !slices.Contains(turns, turn) {
					turns = append(turns, turn)
				}
			}
		}
		if i >= len(f.operations) && len(turns) > 0 {
			turns = [][2]string{turns[hash(f.seed, i)%uint64(len(turns))]}
		}
		for _, turn := range turns {
			o.run(g, r, turn[0], turn[1])
		}
		if g.slow {
			break
		}
	}
	return o
}

func TestOutages(t *testing.T) {
	t.Parallel()
	var total, noticed atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d operations, %d met an outage", total.Load(), noticed.Load())
		if noticed.Load() < total.Load()*9/10 || noticed.Load() == 0 {
			t.Error("too few outages were met")
		}
	})
	for _, f := range readAll(t, "c*/*") {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			o := runOutages(f, max(outageOperations, *operations))
			total.Add(int64(o.operations))
			noticed.Add(int64(o.noticed))
			for _, a := range o.failed {
				t.Errorf("seed %d: %s", f.seed, a)
			}
		})
	}
}

// TestElsewhere: it is noticed when an outage takes more than what needs the subgraph that is down.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	var fields, answers int
	for _, f := range readAll(t, "corpus/00000*") {
		g := startGateway(t, f, worldOptions{whole: true})
		for _, r := range f.requests(g.schema, 20) {
			a := g.expect(r, nil)
			if a.err != nil {
				t.Fatal(a)
			}
			whole, _ := a.data.(map[string]any)
			for _, p := range g.servers.world.parts {
				o := &outage{down: p.name, met: true}
				hit, fatal := dependents(a.plan, p.name)
				if problem := o.elsewhere(g, a); problem != "" {
					t.Error(problem, a)
				}
				for key, value := range whole {
					a.data = with(whole, key, nil)
					if problem := o.elsewhere(g, a); value != nil && (problem == "") != hit[key] {
						t.Errorf("without %s: %q: %s", key, problem, a)
					} else if problem != "" {
						fields++
					}
				}
				if a.data = nil; whole != nil && (o.elsewhere(g, a) == "") != fatal {
					t.Errorf("without data: %s", a)
				} else if !fatal {
					answers++
				}
				a.data = whole
			}
		}
	}
	if fields == 0 || answers == 0 {
		t.Errorf("%d fields and %d answers were missing", fields, answers)
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
