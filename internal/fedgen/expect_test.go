package fedgen

import (
	"errors"
	"fmt"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
	"github.com/gatehouse-graphql/gatehouse/operation"
)

// expectation is one thing that is expected of an attempt. The problem is "" when it is met.
type expectation struct {
	stage   string
	problem func(g *gateway, a *attempt) string
}

// expectations, in an order in which the first that is not met explains most.
var expectations = []expectation{
	{"subgraph", (*gateway).violated},
	{"data", func(_ *gateway, a *attempt) string {
		if canonical(a.data) == canonical(plain(a.want.data)) {
			return ""
		}
		return "differs"
	}},
	{"order", func(_ *gateway, a *attempt) string { return compareOrder(a.response, a.want.data) }},
	{"denials", func(_ *gateway, a *attempt) string { return differ(affected(a.denials), sortedKeys(a.want.denied)) }},
	{"reasons", (*gateway).unreasonable},
	{"requests", func(_ *gateway, a *attempt) string { return compareRequests(a.plan, a.requests) }},
	{"mutations", func(_ *gateway, a *attempt) string {
		if a.plan.Kind != operation.Mutation {
			return ""
		}
		return differ(a.roots, a.want.roots)
	}},
	{"idle", func(_ *gateway, a *attempt) string {
		if !a.want.idle {
			return ""
		}
		return differ(len(a.requests), 0)
	}},
	{"errors", (*gateway).wrongErrors},
}

// check runs a request through the gateway and holds the answer against the oracle's.
func (g *gateway) check(r request) *attempt { return g.expect(r, expectations) }

func (g *gateway) expect(r request, list []expectation) *attempt {
	a := &attempt{request: r, stage: "oracle"}
	if a.want, a.err = g.servers.world.oracle(r, g.servers.judge); a.err != nil {
		return a
	}
	a.err = g.run(a)
	a.violations, a.requests, a.roots = g.servers.drain()
	for i := 0; i < len(list) && a.err == nil; i++ {
		if problem := list[i].problem(g, a); problem != "" {
			a.stage, a.err = list[i].stage, errors.New(problem)
		}
	}
	return a
}

func (a *attempt) String() string {
	text := fmt.Sprintf("%s: %v\n%s\n%s\n", a.stage, a.err, a.request.document, a.request.variables)
	if a.plan != nil {
		text += a.plan.String()
	}
	for _, r := range a.requests {
		text += "asked " + r.String() + "\n"
	}
	if a.response != nil {
		text += "got  " + string(a.response) + "\nwant " + canonical(a.want.data) + "\n"
	}
	return text
}

// violated is what a subgraph complains of.
func (*gateway) violated(a *attempt) string {
	if len(a.violations) == 0 {
		return ""
	}
	return a.violations[0]
}

func differ(got, want any) string {
	if fmt.Sprint(got) == fmt.Sprint(want) {
		return ""
	}
	return fmt.Sprintf("got %v, want %v", got, want)
}

func (g *gateway) wrongErrors(a *attempt) string {
	var paths [][]any
	for _, e := range a.errors {
		paths = append(paths, e.Path)
		if g.servers.world.isOfContext(e, a.want) {
			a.want.beside = append(a.want.beside, e.Path)
		}
	}
	problem := compareErrors(a.data, paths, a.want)
	if problem != "" {
		problem += fmt.Sprintf("\ngot %v, want %v", a.errors, a.want.errors)
	}
	return problem
}

// plain makes maps of ordered objects.
func plain(v any) any {
	switch v := v.(type) {
	case *reference.Object:
		out := map[string]any{}
		for k, e := range v.Values {
			out[k] = plain(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	default:
		return v
	}
}
