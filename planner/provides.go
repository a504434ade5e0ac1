package planner

import (
	"fmt"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// takes tells whether a field of objects of type t can be selected on this way, without another fetch. A @provides is a
// grant of external fields; one that a label has moved away is on the path of a grant, and not brought back by it.
func (p *planning) takes(w *way, t *supergraph.Type, u *use) bool {
	if u.def.IsTypename() {
		return w.iface == nil
	}
	in := w.fieldOf(t, u.def.Name)
	if in == nil {
		return false
	}
	if p.resolves(in) && demand(in) == "" {
		return true
	}
	return !p.elsewhere(in) && providedField(w.provided, t, u.def.Name) != nil
}

// providedText tells apart the types for which a field leads to different provided fields.
func providedText(w *way, t *supergraph.Type, u *use) string {
	if len(u.sub) == 0 {
		return ""
	}
	text := w.fieldOf(t, u.def.Name).Provides.Text
	if nested := providedField(w.provided, t, u.def.Name); nested != nil {
		text += fmt.Sprintf(" %p", nested)
	}
	return text
}

// providedField finds a field in a @provides selection, through fragments that fit the type.
func providedField(provided []supergraph.FieldSelection, t *supergraph.Type, name string) *supergraph.FieldSelection {
	for i := range provided {
		s := &provided[i]
		switch {
		case s.Field != nil && s.Field.Name == name:
			return s
		case s.Field == nil && typeSet(s.On.Possible).has(t):
			if found := providedField(s.Sub, t, name); found != nil {
				return found
			}
		}
	}
	return nil
}
