package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// contextual is an argument that is filled from what lies above the object (@fromContext).
type contextual struct {
	arg supergraph.ContextArg
	// sources are the places above that set the context, the nearest first.
	sources []contextualSource
}

type contextualSource struct {
	site  *site
	types typeSet // of the objects that set the context there
	wants []want
}

// demand says what a field needs besides a key, as text; "" for nothing. Fields with the same demand share an entry.
func demand(in *supergraph.FieldIn) string {
	if len(in.ContextArgs) == 0 {
		return in.Requires.Text
	}
	var b strings.Builder
	b.WriteString(in.Requires.Text)
	for _, a := range in.ContextArgs {
		fmt.Fprintf(&b, " %s from %s %s", a.Name, a.Context, a.Selection)
	}
	return strings.TrimSpace(b.String())
}

// contextuals finds where the contextual arguments of a field come from, for objects at a site, and what has to be there
// first. It returns false when nothing above sets a context, or its value cannot be had.
func (p *planning) contextuals(s *site, in *supergraph.FieldIn) (found []contextual, needs []*branch, ok bool) {
	for _, arg := range in.ContextArgs {
		c := contextual{arg: arg, sources: contextSources(s, arg)}
		if len(c.sources) == 0 {
			return nil, nil, false
		}
		for _, source := range c.sources {
			leaves, missing := p.explore(source.site, spread(source.site.place, source.wants, source.types), anyRound)
			if missing != nil {
				return nil, nil, false
			}
			needs = append(needs, leaves...)
		}
		found = append(found, c)
	}
	return found, needs, true
}

// contextSources goes up from a site until all objects have somebody above them who sets the context.
func contextSources(s *site, arg supergraph.ContextArg) []contextualSource {
	var types typeSet
	var sources []contextualSource
	for s.through != nil {
		s, types = s.through.site, s.through.types
		rest := types
		for _, from := range arg.From {
			setting := rest.and(from.Type.Possible)
			if len(setting) > 0 {
				wants := []want{{on: from.Type, sub: fieldSetWants(from.Fields.Selections, nil)}}
				sources = append(sources, contextualSource{site: s, types: setting, wants: wants})
				rest = rest.without(setting)
			}
		}
		if len(rest) == 0 {
			break
		}
	}
	return sources
}

// sameContexts tells whether two entries that are reached by the same path, and so have the same above them, fill the same
// arguments.
func sameContexts(a, b []contextual) bool {
	return slices.EqualFunc(a, b, func(x, y contextual) bool {
		return x.arg.Name == y.arg.Name && x.arg.Context == y.arg.Context && x.arg.Selection == y.arg.Selection
	})
}

// contextSlots are the sources of a target's contexts, when the types of places are known.
func contextSlots(g *supergraph.Subgraph, contexts []contextual) [][]*ContextSource {
	all := make([][]*ContextSource, len(contexts))
	for i, c := range contexts {
		for _, s := range c.sources {
			at := s.site.place
			out := &ContextSource{Object: at.layout}
			for above := at; above.parent != nil; above = above.parent {
				out.Up++
			}
			if !s.types.hasAll(at.types) {
				out.Types = s.types
			}
			value := describing{subgraph: g}
			out.Fields = value.members(nil, objects{at, at.types}, s.wants, s.types.and(at.types))
			all[i] = append(all[i], out)
		}
	}
	return all
}

// contextMark stands for the variable of a context in the text of a lookup: no document has it.
const contextMark = "\x00"

// nameContexts gives the contexts of a lookup their variables, and cuts its text where they stand.
func (out *Lookup) nameContexts(contexts []contextual, text string, name func(int) string) {
	for i, c := range contexts {
		out.Contexts = append(out.Contexts, &Context{Variable: name(i), Type: c.arg.Type})
	}
	parts := strings.Split(text, contextMark)
	for i, part := range parts {
		if i%2 == 0 {
			out.Text = append(out.Text, part)
			continue
		}
		n := slices.IndexFunc(contexts, func(c contextual) bool { return c.arg.Name == part })
		out.Between = append(out.Between, n)
	}
}

// text is the selection of a lookup with its variables.
func (out *Lookup) text() string {
	var b strings.Builder
	for i, part := range out.Text {
		b.WriteString(part)
		if i < len(out.Between) {
			b.WriteString("$" + out.Contexts[out.Between[i]].Variable)
		}
	}
	return b.String()
}

// contextArgs are a field's arguments as text, contextual ones included.
func (s *selection) contextArgs(args []supergraph.Argument, in *supergraph.FieldIn) []supergraph.Argument {
	for _, a := range in.ContextArgs {
		args = append(slices.Clip(args), supergraph.Argument{Name: a.Name, Value: contextMark + a.Name + contextMark})
	}
	return args
}
