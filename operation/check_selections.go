package operation

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// selections checks a selection set on a type; with a nil type only what needs no type.
func (c *checker) selections(sub []*selectionNode, on *supergraph.Type) {
	for _, s := range sub {
		if c.full {
			return
		}
		switch s.kind {
		case fieldNode:
			c.field(s, on)
		case inlineNode:
			c.inline(s, on)
		case spreadNode:
			c.spread(s, on)
		}
	}
}

// field checks that a field exists (section 5.3.1), its arguments, and that it has selections exactly when its type is
// composite (section 5.3.3).
func (c *checker) field(s *selectionNode, on *supergraph.Type) {
	c.directivesAt(s.directives, "FIELD")
	if s.on = on; on != nil {
		if s.def = visibleField(on, s.name); s.def == nil {
			c.report(s.pos, "Cannot query field %s on type %s.%s", quote(s.name), quote(on.Name), c.suggest.field(on, s.name))
		}
	}
	if s.def == nil {
		c.untypedArguments(s.args)
		c.selections(s.sub, nil)
		return
	}
	c.arguments(s.args, s.def.Args, s.pos, argumentOwner{field: s.def})
	named := s.def.Type.Named
	switch {
	case named.IsComposite() && !s.hasSub:
		c.report(s.pos, "Field %s of type %s must have a selection of subfields.", quote(s.name), quote(s.def.Type.String()))
	case !named.IsComposite() && s.hasSub:
		c.report(s.pos, "Field %s must not have a selection since type %s has no subfields.", quote(s.name), quote(s.def.Type.String()))
		c.selections(s.sub, nil)
	default:
		s.typ = named
		c.selections(s.sub, named)
	}
}

// inline checks an inline fragment.
func (c *checker) inline(s *selectionNode, on *supergraph.Type) {
	c.directivesAt(s.directives, "INLINE_FRAGMENT")
	s.typ = on
	if s.cond != nil {
		s.typ = c.condition(s.cond, "Fragment")
		if on != nil && s.typ != nil && !c.overlapping(on, s.typ) {
			c.report(s.pos, "Fragment cannot be spread here as objects of type %s can never be of type %s.",
				quote(on.Name), quote(s.typ.Name))
		}
	}
	c.selections(s.sub, s.typ)
}

// spread checks that the fragment can apply where it is spread (section 5.5.2.3).
func (c *checker) spread(s *selectionNode, on *supergraph.Type) {
	c.directivesAt(s.directives, "FRAGMENT_SPREAD")
	if s.target == nil {
		return
	}
	s.typ = s.target.typ
	if on != nil && s.typ != nil && !c.overlapping(on, s.typ) {
		c.report(s.pos, "Fragment %s cannot be spread here as objects of type %s can never be of type %s.",
			quote(s.name), quote(on.Name), quote(s.typ.Name))
	}
}

// overlapping is overlaps. It remembers: the lists of possible types may be long, and fragments many.
func (c *checker) overlapping(a, b *supergraph.Type) bool {
	known, ok := c.overlap[[2]*supergraph.Type{a, b}]
	if !ok {
		known = overlaps(a, b)
		if c.overlap == nil {
			c.overlap = map[[2]*supergraph.Type]bool{}
		}
		c.overlap[[2]*supergraph.Type{a, b}] = known
	}
	return known
}

// argumentOwner is what arguments belong to, for messages: a field or a directive.
type argumentOwner struct {
	field     *supergraph.Field
	directive string
}

func (o argumentOwner) unknown(arg string) string {
	if o.field != nil {
		return "Unknown argument " + quote(arg) + " on field " + quote(string(o.field.Coordinate())) + "."
	}
	return "Unknown argument " + quote(arg) + " on directive " + quote("@"+o.directive) + "."
}

func (o argumentOwner) missing(arg *supergraph.InputValue) string {
	rest := " argument " + quote(arg.Name) + " of type " + quote(arg.Type.String()) + " is required, but it was not provided."
	if o.field != nil {
		return "Field " + quote(o.field.Name) + rest
	}
	return "Directive " + quote("@"+o.directive) + rest
}

// arguments checks that arguments exist (section 5.4.1), are unique (section 5.4.2), complete (section 5.4.3) and fit.
func (c *checker) arguments(args []*argumentNode, defs []*supergraph.InputValue, at pos, owner argumentOwner) {
	c.uniqueArguments(args)
	for _, a := range args {
		def := visibleInput(defs, a.name)
		if def == nil {
			c.report(a.pos, "%s%s", owner.unknown(a.name), c.suggest.input(defs, a.name))
			c.untyped(a.value)
			continue
		}
		c.value(a.value, place{ref: def.Type, hasDefault: def.Default != nil})
	}
	for _, def := range defs {
		if isRequired(def) && !hasArgument(args, def.Name) {
			c.report(at, "%s", owner.missing(def))
		}
	}
}

func hasArgument(args []*argumentNode, name string) bool {
	for _, a := range args {
		if a.name == name {
			return true
		}
	}
	return false
}

// uniqueArguments reports arguments that are given twice.
func (c *checker) uniqueArguments(args []*argumentNode) {
	c.uniqueNodes(args, "There can be only one argument named %s.")
}

func (c *checker) uniqueNodes(args []*argumentNode, format string) {
	if len(args) < 2 {
		return
	}
	seen := make(map[string]bool, len(args))
	for _, a := range args {
		if seen[a.name] {
			c.report(a.pos, format, quote(a.name))
		}
		seen[a.name] = true
	}
}

// untypedArguments checks arguments of which nothing is known.
func (c *checker) untypedArguments(args []*argumentNode) {
	c.uniqueArguments(args)
	for _, a := range args {
		c.untyped(a.value)
	}
}

// directivesAt checks directives: they exist (section 5.7.1), may stand there (section 5.7.2), stand there once
// (section 5.7.3), and have their arguments.
func (c *checker) directivesAt(list []*directiveNode, location string) {
	var seen map[string]bool
	for _, d := range list {
		def := c.directives[d.name]
		if def == nil {
			c.report(d.pos, "Unknown directive %s.", quote("@"+d.name))
			c.untypedArguments(d.args)
			continue
		}
		if !slices.Contains(def.Locations, location) {
			c.report(d.pos, "Directive %s may not be used on %s.", quote("@"+d.name), location)
		}
		if seen[d.name] && !def.Repeatable {
			c.report(d.pos, "The directive %s can only be used once at this location.", quote("@"+d.name))
		}
		if seen == nil {
			seen = make(map[string]bool, len(list))
		}
		seen[d.name] = true
		c.arguments(d.args, def.Args, d.pos, argumentOwner{directive: d.name})
	}
}
