package planner

import (
	"fmt"
	"strings"
)

// String prints the plan: a line for each fetch, with the fetches it needs, where its data goes, and the exact document.
//
//	Plan
//	├─ Fetch 1 products
//	│    query{topProducts{upc name}}
//	└─ Fetch 2 reviews, needs 1
//	     at topProducts.@ by Product{upc}
//	     query($representations:[_Any!]!){_entities(representations:$representations){...on Product{reviews{body}}}}
func (p *Plan) String() string {
	var b strings.Builder
	b.WriteString("Plan\n")
	for i, f := range p.Fetches {
		branch, bar := "├─", "│"
		if i == len(p.Fetches)-1 {
			branch, bar = "└─", " "
		}
		fmt.Fprintf(&b, "%s Fetch %d %s%s\n", branch, f.ID, f.Subgraph.Name, needsText(f.Needs))
		if len(f.Path) > 0 {
			fmt.Fprintf(&b, "%s    at %s\n", bar, p.pathText(f.Path))
		}
		for _, l := range f.Entities {
			for _, t := range l.Targets {
				for _, r := range t.Representations {
					fmt.Fprintf(&b, "%s    at %s by %s\n", bar, p.pathText(t.Path), r.text(t.Object))
				}
				for n, sources := range t.Contexts {
					for _, s := range sources {
						fmt.Fprintf(&b, "%s    with $%s from %s\n", bar, l.Contexts[n].Variable, p.sourceText(t.Path, s))
					}
				}
			}
		}
		fmt.Fprintf(&b, "%s    %s\n", bar, f.Document)
	}
	return b.String()
}

func needsText(ids []int) string {
	if len(ids) == 0 {
		return ""
	}
	return ", needs " + strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]")
}

// pathText is a path as response keys, with @ for each list and the types of a step before its key where it has some, such
// as search.@.Book|Film:reviews.@ here.
func (p *Plan) pathText(path []Step) string {
	var parts []string
	at := p.Root
	for _, step := range path {
		s := at.Slots[step.Slot]
		label := s.Label()
		if step.Types != nil {
			label = typeSet(step.Types).names() + ":" + label
		}
		parts = append(parts, label)
		for e := s.Type.Elem; e != nil; e = e.Elem {
			parts = append(parts, "@")
		}
		at = s.Object
	}
	return strings.Join(parts, ".")
}

// text prints the representation of objects with this layout as a field set with its type: Product{upc shop{id}}. Where the
// type sent is not the objects' own, these follow: Media{id} for Book|Film.
func (r *Representation) text(at *Object) string {
	text := r.Typename + membersText(at, r.Fields)
	if len(r.Types) > 1 || r.Types[0].Name != r.Typename {
		text += " for " + typeSet(r.Types).names()
	}
	return text
}

// sourceText is a path to objects that set a context, and what is read of them: users.@ {currency}.
func (p *Plan) sourceText(path []Step, s *ContextSource) string {
	text := p.pathText(path[:s.Up])
	if text != "" {
		text += " "
	}
	if s.Types != nil {
		text += typeSet(s.Types).names()
	}
	return text + membersText(s.Object, s.Fields)
}

func membersText(at *Object, fields []*RepresentationField) string {
	parts := make([]string, 0, len(fields))
	for _, f := range fields {
		text := f.Name
		if f.Slot >= 0 {
			text += at.Slots[f.Slot].Args
		}
		if f.Fields != nil {
			text += membersText(f.Object, f.Fields)
		}
		if f.Types != nil {
			text = "...on " + typeSet(f.Types).names() + "{" + text + "}"
		}
		parts = append(parts, text)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// pathsText prints what the first stage found: every leaf with its candidate ways.
func pathsText(goals []*branch) string {
	var b strings.Builder
	for _, g := range goals {
		fmt.Fprintf(&b, "%s (%s)\n", leafText(g), g.types.names())
		for _, w := range g.ways {
			fmt.Fprintf(&b, "  %s\n", w)
		}
	}
	return b.String()
}

// leafText is where a leaf lies: me.reviews.body.
func leafText(b *branch) string {
	name := string(b.use.key)
	if name == "" {
		name = b.use.def.Name
	}
	if b.site.through != nil {
		return leafText(b.site.through) + "." + name
	}
	return name
}

// String prints a way from its entry on: inventory by upc > warehouse.
func (w *way) String() string {
	if w.from != nil {
		return w.from.String() + " > " + w.through.use.def.Name
	}
	e := w.entry
	text := string(e.subgraph.Name)
	if e.by != "" {
		text += " by " + e.by
	}
	return text
}

// text prints a fetch graph: what stands in one fetch and which it needs.
func (g *graph) text() string {
	var b strings.Builder
	ids := map[*node]int{}
	for i, n := range g.ordered() {
		ids[n] = i + 1
		var needs []int
		for _, need := range n.needs {
			needs = append(needs, ids[need])
		}
		parts := make([]string, len(n.entries))
		for i, e := range n.entries {
			parts[i] = e.way.String()
			if e.site.through != nil {
				parts[i] += " at " + leafText(e.site.through)
			}
		}
		fmt.Fprintf(&b, "%d %s%s\n", i+1, strings.Join(parts, "; "), needsText(needs))
	}
	return b.String()
}
