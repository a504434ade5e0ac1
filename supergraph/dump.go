package supergraph

import (
	"fmt"
	"strings"
)

// String prints what each subgraph knows, for tests and for people: one line per type and field, with the subgraphs
// and what they add. The form may change; it is not SDL.
func (s *Schema) String() string {
	var b strings.Builder
	for _, g := range s.Subgraphs {
		fmt.Fprintf(&b, "subgraph %s %s %s\n", g.Enum, g.Name, g.URL)
	}
	for _, t := range s.Types {
		if builtInScalars[t.Name] {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s%s\n", keywords[t.Kind], t.Name, marks(t.Inaccessible, t.Rule))
		for _, in := range t.In {
			if in != nil && in.Subgraph != s.Introspection {
				fmt.Fprintf(&b, "  in %s%s\n", in.Subgraph.Name, in.marks())
			}
		}
		for _, f := range t.Fields {
			fmt.Fprintf(&b, "  %s: %s%s\n", f.Name, f.Type, marks(f.Inaccessible, f.Rule))
			for _, in := range f.In {
				if in != nil {
					fmt.Fprintf(&b, "    in %s%s\n", in.Subgraph.Name, in.marks(f))
				}
			}
		}
		for _, v := range t.EnumValues {
			fmt.Fprintf(&b, "  %s%s in", v.Name, marks(v.Inaccessible, nil))
			for _, g := range v.In {
				fmt.Fprintf(&b, " %s", g.Name)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// marks prints what holds for an element everywhere.
func marks(inaccessible bool, r *Rule) string {
	text := ""
	if inaccessible {
		text = " inaccessible"
	}
	if r == nil {
		return text
	}
	if r.Authenticated {
		text += " authenticated"
	}
	if r.Scopes != nil {
		text += fmt.Sprintf(" scopes%q", r.Scopes)
	}
	if r.Policies != nil {
		text += fmt.Sprintf(" policies%q", r.Policies)
	}
	return text
}

func (in *TypeIn) marks() string {
	var keys strings.Builder
	for _, k := range in.Keys {
		keys.WriteString(" key{" + k.Fields.Text + "}")
		if !k.Resolvable {
			keys.WriteString("!")
		}
	}
	text := keys.String()
	if in.InterfaceObject {
		text += " interfaceObject"
	}
	if in.Type.IsAbstract() {
		text += " possible[" + typeNames(in.Possible) + "]"
	}
	if len(in.Implements) > 0 {
		text += " implements[" + typeNames(in.Implements) + "]"
	}
	if len(in.Contexts) > 0 {
		text += fmt.Sprintf(" contexts%q", in.Contexts)
	}
	return text
}

func (in *FieldIn) marks(f *Field) string {
	text := ""
	if got := in.Type.String(); got != f.Type.String() {
		text += " as " + got
	}
	switch {
	case in.External && in.Doubt != 0:
		reasons := map[uint8]string{assumed: "assumed", ownKey: "own key", useless: "useless", concluded: "concluded"}
		text += " external, " + reasons[in.Doubt]
	case in.External:
		text += " external"
	}
	if !in.Requires.Empty() {
		text += " requires{" + in.Requires.Text + "}"
	}
	if !in.Provides.Empty() {
		text += " provides{" + in.Provides.Text + "}"
	}
	if in.OverrideFrom != "" {
		text += fmt.Sprintf(" overrides %s", in.OverrideFrom)
	}
	if in.OverrideLabel != "" {
		text += fmt.Sprintf(" when %s", in.OverrideLabel)
	}
	if in.OverriddenBy != "" {
		text += " overridden by " + in.OverriddenBy
	}
	args := make([]string, len(in.ContextArgs))
	for i, a := range in.ContextArgs {
		args[i] = fmt.Sprintf(" context %s: %s = %s %s", a.Name, a.Type, a.Context, a.Selection)
	}
	return text + strings.Join(args, "")
}

func typeNames(types []*Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name
	}
	return strings.Join(names, " ")
}
