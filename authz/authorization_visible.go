package authz

import (
	"context"
	"strings"
	"sync"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// maxViews bounds how many views are remembered.
const maxViews = 64

// views are what callers see of a schema, by the outcomes of all its conditions.
type views struct {
	mu        sync.Mutex
	byOutcome map[string]*viewed
}

// viewed is one view, which the first who wants it computes. Only those who want the same wait for it.
type viewed struct {
	once    sync.Once
	visible map[supergraph.Coordinate]bool
}

// holding is what stands in an outcome for a condition that holds.
const holding = 1

// outcome evaluates all conditions of the schema.
func (a *Authorizer) outcome(ctx context.Context, caller *Identity) []byte {
	e := a.evaluate(ctx, a.whole, caller)
	outcome := make([]byte, len(a.whole.list))
	for i := range outcome {
		if e.holds(&a.whole.list[i]) {
			outcome[i] = holding
		}
	}
	return outcome
}

// visible tells which types ("User") and fields ("User.email") filtered introspection shows: the fields that the caller could
// select, and the types that can be reached through them or their arguments. The query type and the introspection types are
// always visible. It is a convenience for tools, and no secret is kept by it. It is computed once for each outcome.
func (a *Authorizer) visible(outcome []byte) func(supergraph.Coordinate) bool {
	visible := a.views.get(string(outcome), func() map[supergraph.Coordinate]bool { return a.view(outcome) })
	return func(c supergraph.Coordinate) bool { return visible[c] || strings.HasPrefix(string(c), "__") }
}

func (v *views) get(outcome string, compute func() map[supergraph.Coordinate]bool) map[supergraph.Coordinate]bool {
	v.mu.Lock()
	one, ok := v.byOutcome[outcome]
	if !ok {
		if v.byOutcome == nil {
			v.byOutcome = map[string]*viewed{}
		}
		for known := range v.byOutcome {
			if len(v.byOutcome) < maxViews {
				break
			}
			delete(v.byOutcome, known) // whichever: one caller's many tokens must not push out all that others use
		}
		one = &viewed{}
		v.byOutcome[outcome] = one
	}
	v.mu.Unlock()
	one.once.Do(func() { one.visible = compute() })
	return one.visible
}

// view computes what is visible for one outcome.
func (a *Authorizer) view(outcome []byte) map[supergraph.Coordinate]bool {
	v := viewer{
		fields:  map[*supergraph.Type][]*supergraph.Field{},
		empty:   map[*supergraph.Type]bool{},
		visible: map[supergraph.Coordinate]bool{},
	}
	for _, t := range a.schema.Types {
		for _, f := range clientFields(t) {
			allowed := true
			for _, n := range a.requirements.fields[f] {
				allowed = allowed && outcome[n] == holding
			}
			if allowed {
				v.fields[t] = append(v.fields[t], f)
			}
		}
	}
	for changed := true; changed; {
		changed = v.dropEmpty(a.schema)
	}
	for _, root := range []*supergraph.Type{a.schema.Query, a.schema.Mutation, a.schema.Subscription} {
		if root != nil && !root.Inaccessible {
			v.reach(root)
		}
	}
	for _, d := range a.schema.Directives {
		v.reachInputs(d.Args)
	}
	v.visible[supergraph.Coordinate(a.schema.Query.Name)] = true
	return v.visible
}

// viewer computes one view.
type viewer struct {
	fields  map[*supergraph.Type][]*supergraph.Field // that can be selected
	empty   map[*supergraph.Type]bool                // composite types with nothing to select
	visible map[supergraph.Coordinate]bool
}

// dropEmpty marks types that have nothing to select, so that fields with such a type cannot be selected either, and tells
// whether there was one.
func (v *viewer) dropEmpty(schema *supergraph.Schema) bool {
	changed := false
	for _, t := range schema.Types {
		if !v.empty[t] && t.IsComposite() && !v.hasContent(t) {
			v.empty[t], changed = true, true
		}
	}
	return changed
}

func (v *viewer) hasContent(t *supergraph.Type) bool {
	if t.Inaccessible {
		return false
	}
	for _, f := range v.fields[t] {
		if !v.empty[f.Type.Named] {
			return true
		}
	}
	for _, member := range t.Possible {
		if t.Kind == supergraph.Union && !v.empty[member] && !member.Inaccessible {
			return true
		}
	}
	return false
}

// reach marks a type and what can be reached from it.
func (v *viewer) reach(t *supergraph.Type) {
	c := supergraph.Coordinate(t.Name)
	if v.empty[t] || t.Inaccessible || v.visible[c] {
		return
	}
	v.visible[c] = true
	for _, f := range v.fields[t] {
		if !v.empty[f.Type.Named] {
			v.visible[f.Coordinate()] = true
			v.reach(f.Type.Named)
			v.reachInputs(f.Args)
		}
	}
	for _, other := range t.Interfaces {
		v.reach(other)
	}
	for _, other := range t.Possible {
		if other != t {
			v.reach(other)
		}
	}
	v.reachInputs(t.InputFields)
}

// reachInputs marks the types of arguments and input fields.
func (v *viewer) reachInputs(inputs []*supergraph.InputValue) {
	for _, in := range inputs {
		if !in.Inaccessible {
			v.reach(in.Type.Named)
		}
	}
}
