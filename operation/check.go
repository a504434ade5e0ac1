package operation

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// checker validates one document against what clients see of the schema (GraphQL, September 2025, section 5). It reports
// every mistake with its place, and resolves fields and types on the way.
type checker struct {
	schema *supergraph.Schema
	// directives are the directives that clients may use.
	directives map[string]*supergraph.Directive
	doc        *document
	limits     Limits
	suggest    suggester
	// ended is not nil once nobody waits for the result any more.
	ended func() error
	errs  gqlerr.List
	full  bool
	// steps is how many steps the check of merged fields took.
	steps int
	// current is the definition that is being checked.
	current *definition
	// overlap is what overlapping found.
	overlap map[[2]*supergraph.Type]bool
}

// check applies all rules, and returns what they found in the order of the document.
func (c *checker) check() gqlerr.List {
	c.uniqueNames()
	c.definitions()
	c.variables()
	c.usedFragments()
	c.subscriptions()
	c.overlaps()
	return c.result()
}

// result are the errors in the order of the document.
func (c *checker) result() gqlerr.List {
	slices.SortStableFunc(c.errs, func(a, b *gqlerr.Error) int {
		if len(a.Locations) == 0 || len(b.Locations) == 0 {
			return len(b.Locations) - len(a.Locations)
		}
		x, y := a.Locations[0], b.Locations[0]
		if x.Line != y.Line {
			return x.Line - y.Line
		}
		return x.Column - y.Column
	})
	return c.errs
}

// report adds a validation error, up to a limit.
func (c *checker) report(at pos, format string, args ...any) {
	if c.full {
		return
	}
	c.add(gqlerr.New(gqlerr.ValidationFailed, format, args...).At(int(at.line), int(at.column)))
}

func (c *checker) add(err *gqlerr.Error) {
	if len(c.errs) < maxErrors {
		c.errs = append(c.errs, err)
		return
	}
	c.full, c.suggest = true, suggester{}
}

// uniqueNames: operations have different names or there is a single one (sections 5.2.2.1 and 5.2.3.1), and fragments have
// different names (section 5.5.1.1).
func (c *checker) uniqueNames() {
	seen := map[string]bool{}
	for _, d := range c.doc.operations {
		if d.name == "" && len(c.doc.operations) > 1 {
			c.report(d.pos, "This anonymous operation must be the only defined operation.")
		}
		if d.name != "" && seen[d.name] {
			c.report(d.namePos, "There can be only one operation named %s.", quote(d.name))
		}
		seen[d.name] = true
	}
	for _, d := range c.doc.fragments {
		if c.doc.byName[d.name] != d {
			c.report(d.namePos, "There can be only one fragment named %s.", quote(d.name))
		}
	}
}

// definitions checks each definition by itself.
func (c *checker) definitions() {
	// Fragments come first: spreads need their types.
	for _, d := range c.doc.fragments {
		d.typ = c.condition(d.cond, "Fragment "+quote(d.name))
	}
	for _, d := range c.doc.operations {
		c.current = d
		c.operation(d)
	}
	for _, d := range c.doc.fragments {
		c.current = d
		c.directivesAt(d.directives, "FRAGMENT_DEFINITION")
		c.selections(d.sub, d.typ)
	}
}

// operation checks an operation: its root type exists (section 5.2.1.1), its variables and its selections.
func (c *checker) operation(d *definition) {
	d.typ = rootType(c.schema, d.kind)
	if d.typ == nil {
		c.report(d.pos, "Schema is not configured to execute %s operation.", d.kind)
	}
	c.variableDefinitions(d)
	c.directivesAt(d.directives, strings.ToUpper(d.kind.String()))
	c.selections(d.sub, d.typ)
}

// rootType returns the type of an operation, nil without one.
func rootType(s *supergraph.Schema, kind Kind) *supergraph.Type {
	t := [...]*supergraph.Type{s.Query, s.Mutation, s.Subscription}[kind]
	if t == nil || t.Inaccessible {
		return nil
	}
	return t
}

// condition resolves a type condition, which must name a visible composite type (sections 5.5.1.2 and 5.5.1.3).
func (c *checker) condition(cond *typeNode, what string) *supergraph.Type {
	t := visibleType(c.schema, cond.name)
	switch {
	case t == nil:
		c.report(cond.pos, "Unknown type %s.%s", quote(cond.name), c.suggest.typ(c.schema, cond.name))
		return nil
	case !t.IsComposite():
		c.report(cond.pos, "%s cannot condition on non composite type %s.", what, quote(cond.name))
		return nil
	default:
		return t
	}
}

// usedFragments: every fragment is spread by an operation, directly or not (section 5.5.1.4).
func (c *checker) usedFragments() {
	used := map[*definition]bool{}
	for _, op := range c.doc.operations {
		for _, d := range reachable(op) {
			used[d] = true
		}
	}
	for _, d := range c.doc.fragments {
		if !used[d] && c.doc.byName[d.name] == d {
			c.report(d.pos, "Fragment %s is never used.", quote(d.name))
		}
	}
}

// subscriptions: a subscription selects one root field, no introspection, and none conditionally (section 5.2.4.1).
func (c *checker) subscriptions() {
	for _, op := range c.doc.operations {
		if op.kind == Subscription {
			r := subscriptionRoot{checker: c, op: op, seen: map[*definition]bool{}}
			r.walk(op.sub)
		}
	}
}

// subscriptionRoot walks the root fields of a subscription.
type subscriptionRoot struct {
	*checker
	op   *definition
	key  string
	seen map[*definition]bool
}

func (r *subscriptionRoot) walk(sub []*selectionNode) {
	for _, s := range sub {
		for _, d := range s.directives {
			if d.name == "skip" || d.name == "include" {
				r.report(d.pos, "%s must not use `@skip` and `@include` directives in the top level selection.", r.name())
			}
		}
		switch {
		case s.kind == inlineNode:
			r.walk(s.sub)
		case s.kind == spreadNode && s.target != nil && !r.seen[s.target]:
			r.seen[s.target] = true
			r.walk(s.target.sub)
		case s.kind == fieldNode:
			r.field(s)
		}
	}
}

func (r *subscriptionRoot) field(s *selectionNode) {
	if s.def != nil && strings.HasPrefix(s.name, "__") {
		r.report(s.pos, "%s must not select an introspection top level field.", r.name())
	}
	if r.key == "" {
		r.key = s.key()
	}
	if s.key() != r.key {
		r.report(s.pos, "%s must select only one top level field.", r.name())
	}
}

func (r *subscriptionRoot) name() string {
	if r.op.name == "" {
		return "Anonymous Subscription"
	}
	return "Subscription " + quote(r.op.name)
}
