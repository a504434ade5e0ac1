package planner

import (
	"iter"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Circles tells of the fields of a supergraph that no plan can resolve, since whichever subgraph resolves them requires
// something (@requires, @fromContext) that requires them again, at some distance. Composers let some of that through, and a
// gateway serves the rest of such a supergraph as ever. Each line names a field, and what it requires, round the circle.
func Circles(schema *supergraph.Schema) []string {
	c := circles{schema: schema, provided: map[*supergraph.Field]bool{}, can: map[*supergraph.Field]bool{}}
	for _, t := range schema.Types {
		c.addProvided(t)
	}
	for again := true; again; {
		again = false
		for f := range c.fields() {
			if !c.can[f] && c.lacks(f) == nil {
				c.can[f], again = true, true
			}
		}
	}
	var lines []string
	for f := range c.fields() {
		if !c.can[f] {
			lines = append(lines, c.explain(f))
		}
	}
	return lines
}

// circles finds the fields that can be resolved, beginning with those that require nothing: what is left needs itself.
type circles struct {
	schema *supergraph.Schema
	// provided are the fields that some @provides lets a subgraph resolve without what they require.
	provided map[*supergraph.Field]bool
	can      map[*supergraph.Field]bool
}

// fields are those of all object types.
func (c *circles) fields() iter.Seq[*supergraph.Field] {
	return func(yield func(*supergraph.Field) bool) {
		for _, t := range c.schema.Types {
			for _, f := range t.Fields {
				if t.Kind == supergraph.Object && !yield(f) {
					return
				}
			}
		}
	}
}

func (c *circles) addProvided(t *supergraph.Type) {
	for _, f := range t.Fields {
		for _, in := range f.In {
			if in == nil {
				continue
			}
			for p := range selected(f.Type.Named.Possible, in.Provides.Selections) {
				c.provided[p] = true
			}
		}
	}
}

// lacks returns what a field requires and is not known to be resolvable. It is nil when there is a subgraph that lacks
// nothing, and when none resolves the field at all, which is no circle.
func (c *circles) lacks(f *supergraph.Field) (lacking *supergraph.Field) {
	if c.provided[f] {
		return nil
	}
	for _, g := range c.schema.Subgraphs {
		for v := range views(f.Parent, g) {
			in := v.fieldOf(f.Parent, f.Name)
			if in == nil || in.External && in.Doubt == 0 {
				continue
			}
			if lacking = c.missing(f.Parent, in); lacking == nil {
				return nil
			}
		}
	}
	return lacking
}

// missing returns what a subgraph requires for a field of objects of a type and is not known to be resolvable, nil for
// nothing. Of the places that may set a context one is enough.
func (c *circles) missing(t *supergraph.Type, in *supergraph.FieldIn) *supergraph.Field {
	if first := c.first(typeSet{t}, in.Requires.Selections); first != nil {
		return first
	}
	for _, arg := range in.ContextArgs {
		var lacking *supergraph.Field
		for _, from := range arg.From {
			if lacking = c.first(from.Type.Possible, from.Fields.Selections); lacking == nil {
				break
			}
		}
		if lacking != nil {
			return lacking
		}
	}
	return nil
}

// first returns the first of the selected fields that is not known to be resolvable.
func (c *circles) first(scope typeSet, selections []supergraph.FieldSelection) *supergraph.Field {
	for f := range selected(scope, selections) {
		if !c.can[f] {
			return f
		}
	}
	return nil
}

// explain follows what a field lacks until it comes round.
func (c *circles) explain(f *supergraph.Field) string {
	start := "no subgraph can resolve " + string(f.Coordinate()) + ": it requires "
	var seen []*supergraph.Field
	var names []string
	for !slices.Contains(seen, f) {
		seen = append(seen, f)
		f = c.lacks(f)
		names = append(names, string(f.Coordinate()))
	}
	return start + strings.Join(names, ", which requires ")
}

// selected are the fields of objects of the types in scope that are selected, at any depth.
func selected(scope typeSet, selections []supergraph.FieldSelection) iter.Seq[*supergraph.Field] {
	return func(yield func(*supergraph.Field) bool) { yieldSelected(scope, selections, yield) }
}

func yieldSelected(scope typeSet, selections []supergraph.FieldSelection, yield func(*supergraph.Field) bool) bool {
	for _, s := range selections {
		if s.Field == nil {
			if !yieldSelected(scope.and(s.On.Possible), s.Sub, yield) {
				return false
			}
			continue
		}
		var below typeSet
		for _, t := range scope {
			f := t.Field(s.Field.Name)
			if f == nil || f.IsTypename() {
				continue
			}
			if !yield(f) {
				return false
			}
			if len(s.Sub) > 0 {
				below = below.or(brought(f))
			}
		}
		if !yieldSelected(below, s.Sub, yield) {
			return false
		}
	}
	return true
}

// brought are the types of the objects that some subgraph brings in a field.
func brought(f *supergraph.Field) (types typeSet) {
	for _, in := range f.In {
		if in == nil || in.External && in.Doubt == 0 {
			continue
		}
		known := in.Type.Named.In[in.Subgraph.Index]
		if known == nil || known.InterfaceObject {
			return f.Type.Named.Possible
		}
		types = types.or(known.Possible)
	}
	return types
}
