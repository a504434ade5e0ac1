package fedgen

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
)

// received is a request that a subgraph got.
type received struct{ subgraph, document, variables string }

func (r received) String() string { return r.subgraph + " " + r.document + " " + r.variables }

// compareRequests holds the requests that subgraphs got against a plan; "" when they agree. Each is a fetch of the plan, no
// fetch is made twice, and those of a query's root fields are made. Whether others have to be made, the data says: that
// nobody is asked about nothing the subgraphs see themselves. The documents of fetches with contexts depend on the data, too.
func compareRequests(plan *planner.Plan, got []received) string {
	left := slices.DeleteFunc(slices.Clone(plan.Fetches), func(f *planner.Fetch) bool { return f.Subgraph.Name == "" })
	for _, r := range got {
		i := slices.IndexFunc(left, func(f *planner.Fetch) bool { return string(f.Subgraph.Name) == r.subgraph && f.Document == r.document })
		if i < 0 {
			i = slices.IndexFunc(left, func(f *planner.Fetch) bool {
				return string(f.Subgraph.Name) == r.subgraph && hasContexts(f, r.document)
			})
		}
		if i < 0 {
			return "not in the plan, or more often than there: " + r.String()
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, f := range left {
		if plan.Kind == operation.Query && f.Root != nil && len(f.Path) == 0 {
			return fmt.Sprintf("fetch %d of root fields is not made", f.ID)
		}
	}
	return ""
}

// hasContexts tells whether a document can be that of a fetch with contexts.
func hasContexts(f *planner.Fetch, document string) bool {
	contextual := slices.ContainsFunc(f.Entities, func(l *planner.Lookup) bool { return len(l.Contexts) > 0 })
	return contextual && slices.ContainsFunc(f.Entities, func(l *planner.Lookup) bool { return strings.Contains(document, l.Text[0]) })
}

// withoutContexts is a federation of the corpus whose documents do not depend on data.
func withoutContexts(t *testing.T) *federation {
	t.Helper()
	for _, f := range readAll(t, "corpus/*") {
		if !strings.Contains(f.supergraph, "contextArguments: [") && !strings.Contains(f.supergraph, "mutation: ") {
			return f
		}
	}
	t.Fatal("no federation without contexts")
	return nil
}

// TestCompareRequests: the comparison notices requests that are too many, too few, or of another plan.
func TestCompareRequests(t *testing.T) {
	t.Parallel()
	f := withoutContexts(t)
	g := startGateway(t, f, worldOptions{whole: true})
	compared := 0
	random := opgen.New(g.schema, f.seed, opgen.Options{Depth: 4, Fields: 20})
	for range 30 {
		document, variables := random.Next()
		a := g.expect(request{document, string(variables)}, nil)
		got := a.requests
		if a.err != nil || len(a.violations) > 0 {
			t.Fatal(a, a.violations)
		}
		if len(got) == 0 {
			continue
		}
		compared++
		rest, last := got[:len(got)-1], got[len(got)-1]
		for _, c := range []struct {
			title    string
			requests []received
			want     string // a part of the problem; "" when there is none
		}{
			{"what was made", got, ""},
			{"the last one again", append(slices.Clone(got), last), "more often"},
			{"the first one again", append(slices.Clone(got), got[0]), "more often"},
			{"another subgraph", append(slices.Clone(rest), received{"nobody", last.document, last.variables}), "not in the plan"},
			{"another document", append(slices.Clone(rest), received{last.subgraph, last.document + " ", last.variables}), "not in the plan"},
			{"nothing", nil, "is not made"},
		} {
			if problem := compareRequests(a.plan, c.requests); !strings.Contains(problem, c.want) || c.want == "" && problem != "" {
				t.Errorf("%s: %s: %q, want %q", c.title, document, problem, c.want)
			}
		}
	}
	if compared < 10 {
		t.Errorf("only %d operations were compared", compared)
	}
}

// TestRequestsAreCompared: an operation fails when a subgraph gets a request twice.
func TestRequestsAreCompared(t *testing.T) {
	t.Parallel()
	f := withoutContexts(t)
	w, err := newWorld(f.seed, f.subgraphs, worldOptions{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGatewayBehind(f, w, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			again := r.Clone(r.Context())
			r.Body, again.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
			h.ServeHTTP(httptest.NewRecorder(), again)
			h.ServeHTTP(out, r)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.http.Close)
	noticed := 0
	random := opgen.New(g.schema, f.seed, opgen.Options{Depth: 4, Fields: 20})
	for range 10 {
		document, variables := random.Next()
		a := g.check(request{document, string(variables)})
		if a.err != nil && a.stage != "requests" {
			t.Error(a)
		} else if a.err != nil {
			noticed++
		}
	}
	if noticed == 0 {
		t.Error("no operation failed although every request was made twice")
	}
}
