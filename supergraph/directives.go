package supergraph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
)

// directiveDecl is the definition of a directive that clients see, with the indexes of those of its arguments.
type directiveDecl struct {
	*Directive
	args []int
}

// directives collects the directive definitions that clients see: GraphQL's own, and executable ones that no feature
// brought in.
func (l *loader) directives() {
	seen := map[string]bool{}
	for _, def := range l.doc.DirectiveDefinitions {
		name := l.doc.str(def.Name)
		ours := def.Name.Start < l.doc.src.first
		if e, known := l.links.names[name]; known && (e.feature != "" || !ours) {
			continue
		}
		coor := Coordinate("@" + name)
		l.checkName(def.Name, coor, seen[name])
		seen[name] = true
		d := &Directive{
			Name: name, Description: l.doc.description(def.Description), Repeatable: def.Repeatable.IsRepeatable,
			Args: l.inputValues(coor, "(", ":)", def.ArgumentsDefinition.Refs), Locations: locations(def.DirectiveLocations),
		}
		if ours || slices.ContainsFunc(d.Locations, executable) {
			l.schema.Directives = append(l.schema.Directives, d)
			l.visible = append(l.visible, directiveDecl{d, def.ArgumentsDefinition.Refs})
		}
	}
	slices.SortFunc(l.schema.Directives, func(a, b *Directive) int { return cmp.Compare(a.Name, b.Name) })
}

// locations returns the names of locations, in the order of the specification.
func locations(set ast.DirectiveLocations) []string {
	var names []string
	for it := set.Iterable(); it.Next(); {
		names = append(names, string(it.Value().LiteralBytes()))
	}
	return names
}

// executable tells whether a location is in operations.
func executable(location string) bool {
	return strings.Contains(" QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION ",
		" "+location+" ")
}
