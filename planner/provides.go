package planner

import (
	"fmt"
	"iter"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// takes tells whether a field of objects of type t can be selected on this way, without another fetch. A @provides is a
// grant of external fields; one that a label has moved away is on the path of a grant, and not brought back by it.
func (p *planning) takes(w *way, t *supergraph.Type, u *use) bool {
	if u.def.IsTypename() {
		return w.iface == nil
	}
	in := w.fieldOf(t, u.def.Name)
	if in == nil || !w.understands(u) {
		return false
	}
	if p.resolves(in) && demand(in) == "" {
		return true
	}
	return !p.elsewhere(in) && isGranted(w.provided, t, u.def.Name)
}

// providedText tells apart the types for which a field leads to different provided fields.
func providedText(w *way, t *supergraph.Type, u *use) string {
	if len(u.sub) == 0 {
		return ""
	}
	text := []byte(w.fieldOf(t, u.def.Name).Provides.Text)
	for grant := range grants(w.provided, t, u.def.Name) {
		text = fmt.Appendf(text, " %p", grant)
	}
	return string(text)
}

// grants are the mentions of a field in a @provides selection, on types that an object of type t is of: each grants what lies below it.
func grants(provided []supergraph.FieldSelection, t *supergraph.Type, name string) iter.Seq[*supergraph.FieldSelection] {
	return func(yield func(*supergraph.FieldSelection) bool) { eachGrant(provided, t, name, yield) }
}

func eachGrant(provided []supergraph.FieldSelection, t *supergraph.Type, name string, yield func(*supergraph.FieldSelection) bool) bool {
	for i := range provided {
		switch s := &provided[i]; {
		case s.Field == nil && typeSet(s.On.Possible).has(t) && !eachGrant(s.Sub, t, name, yield),
			s.Field != nil && s.Field.Name == name && !yield(s):
			return false
		}
	}
	return true
}

func isGranted(provided []supergraph.FieldSelection, t *supergraph.Type, name string) bool {
	for range grants(provided, t, name) {
		return true
	}
	return false
}
