package planner

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Check holds a plan against what every plan must satisfy, whatever the operation: a fetch needs only earlier ones; what a
// representation is made of is brought by the fetches that its own needs, at any distance; a subgraph is asked only what it
// knows, and for an object something that its representation does not say already; every leaf of the operation is brought by
// some fetch. It returns the first violation, for tests and for doubts in production; Plan does not call it.
func Check(p *Plan) error {
	c := &checker{plan: p, brings: make([]map[*Object]map[int]bool, len(p.Fetches))}
	for i, f := range p.Fetches {
		if f.ID != i+1 {
			return fmt.Errorf("fetch %d stands at position %d", f.ID, i+1)
		}
		for _, id := range f.Needs {
			if id < 1 || id >= f.ID {
				return fmt.Errorf("fetch %d needs fetch %d", f.ID, id)
			}
		}
		if err := c.fetch(i, f); err != nil {
			return fmt.Errorf("fetch %d: %w", f.ID, err)
		}
	}
	return c.leaves(p.Root, p.Op.Selections(), p.Root.Visible, p.Kind.String())
}

type checker struct {
	plan *Plan
	// brings says by fetch which slots it fills.
	brings []map[*Object]map[int]bool
}

func (c *checker) fetch(i int, f *Fetch) error {
	c.brings[i] = map[*Object]map[int]bool{}
	if f.Root != nil {
		return c.selection(f.Subgraph, f.Root, c.brings[i])
	}
	for _, l := range f.Entities {
		for _, t := range l.Targets {
			if err := c.target(i, f.Subgraph, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) target(i int, g *supergraph.Subgraph, t *Target) error {
	if len(t.Representations) == 0 {
		return errors.New("nothing says how objects are looked up")
	}
	told := t.Object.Typename < 0 || c.broughtBefore(i, t.Object, t.Object.Typename)
	if !told && (len(t.Representations) > 1 || !typeSet(t.Representations[0].Types).hasAll(c.visible(t))) {
		return fmt.Errorf("no earlier fetch tells the types of the objects for %s", t.Representations[0].text(t.Object))
	}
	for _, r := range t.Representations {
		if err := c.members(i, t.Object, r.Fields); err != nil {
			return fmt.Errorf("representation %s: %w", r.text(t.Object), err)
		}
	}
	for _, sources := range t.Contexts {
		for _, s := range sources {
			if err := c.members(i, s.Object, s.Fields); err != nil {
				return fmt.Errorf("context: %w", err)
			}
		}
	}
	brings := func(r *Representation) bool { return !says(r.Fields, t.Selection, t.Object) }
	if !told || asksTypes(g, t) || slices.ContainsFunc(t.Representations, brings) {
		return c.selection(g, t.Selection, c.brings[i])
	}
	return fmt.Errorf("%s is looked up for nothing", t.Representations[0].text(t.Object))
}

// visible are the types of objects at the target's place that the client may see: of those below other objects than its path
// leads through, it is not to say anything.
func (c *checker) visible(t *Target) typeSet {
	at, scope := c.plan.Root, typeSet(c.plan.Root.Visible)
	for _, step := range t.Path {
		if step.Types != nil {
			scope = scope.and(step.Types)
		}
		slot := at.Slots[step.Slot]
		at, scope = slot.Object, below(slot, scope)
	}
	return scope
}

// below are the types of objects in a slot that the client may see below objects of some types: objects of several types share the
// slot, and what is brought below others may be nothing that can be below these.
func below(s *Slot, above typeSet) (types typeSet) {
	for _, t := range above {
		if f := t.Field(s.Name); f != nil {
			types = types.or(typeSet(s.Visible(t)).and(brought(f)))
		}
	}
	return types
}

// asksTypes tells whether a lookup is there to find out the types of objects: an earlier fetch may have told only some of them.
func asksTypes(g *supergraph.Subgraph, t *Target) bool {
	return slices.ContainsFunc(t.Representations[0].Types[0].Interfaces, func(i *supergraph.Type) bool {
		in := i.In[g.Index]
		return i.Name == t.Representations[0].Typename && in != nil && !in.InterfaceObject
	})
}

// says tells whether a representation has all that is selected of an object whose type is known.
func says(fields []*RepresentationField, s *Selection, at *Object) bool {
	return !slices.ContainsFunc(s.Fields, func(f *SelectionField) bool {
		if f.Slot == at.Typename {
			return false
		}
		i := slices.IndexFunc(fields, func(m *RepresentationField) bool { return m.Slot == f.Slot })
		return i < 0 || f.Sub != nil && !says(fields[i].Fields, f.Sub, fields[i].Object)
	})
}

// selection checks that keys are unique and that the subgraph knows each field, and notes the slots.
func (c *checker) selection(g *supergraph.Subgraph, s *Selection, brings map[*Object]map[int]bool) error {
	if brings[s.Object] == nil {
		brings[s.Object] = map[int]bool{}
	}
	seen := map[string]bool{}
	for _, f := range s.Fields {
		if seen[f.Key] {
			return fmt.Errorf("key %s stands twice", f.Key)
		}
		seen[f.Key] = true
		if !f.Def.IsTypename() && f.Def.In[g.Index] == nil {
			return fmt.Errorf("%s is asked of %s, which does not know it", f.Def.Coordinate(), g.Name)
		}
		brings[s.Object][f.Slot] = true
		if f.Sub == nil {
			continue
		}
		if err := c.selection(g, f.Sub, brings); err != nil {
			return err
		}
	}
	return nil
}

// members checks that what a representation reads was brought before.
func (c *checker) members(i int, at *Object, fields []*RepresentationField) error {
	for _, m := range fields {
		if m.Slot >= 0 && !c.broughtBefore(i, at, m.Slot) {
			return fmt.Errorf("no earlier fetch brings %s", m.Name)
		}
		if m.Object == nil {
			continue
		}
		if err := c.members(i, m.Object, m.Fields); err != nil {
			return err
		}
	}
	return nil
}

// broughtBefore looks through the needs of fetch i, at any distance.
func (c *checker) broughtBefore(i int, at *Object, slot int) bool {
	seen := make([]bool, len(c.plan.Fetches))
	var before func(i int) bool
	before = func(i int) bool {
		return slices.ContainsFunc(c.plan.Fetches[i].Needs, func(id int) bool {
			if seen[id-1] {
				return false
			}
			seen[id-1] = true
			return c.brings[id-1][at][slot] || before(id-1)
		})
	}
	return before(i)
}

// leaves checks the selections on objects of the types in scope.
func (c *checker) leaves(at *Object, selections []operation.Selection, scope typeSet, path string) error {
	for _, s := range selections {
		switch s := s.(type) {
		case *operation.Fragment:
			if err := c.leaves(at, s.Sub, scope.and(s.On.Possible), path); err != nil {
				return err
			}
		case *operation.Field:
			above := scope.and(s.Def.Parent.Possible)
			if len(above) == 0 {
				continue // no object that the client may see here has the field
			}
			if err := c.field(at, s, above, path+"."+string(s.Key)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) field(at *Object, f *operation.Field, above typeSet, path string) error {
	if f.Def.IsTypename() {
		return nil
	}
	slot := at.Slot(f)
	if slot < 0 {
		return fmt.Errorf("%s has no slot", path)
	}
	if s := at.Slots[slot]; s.Object != nil {
		return c.leaves(s.Object, f.Sub, below(s, above), path)
	}
	for _, brings := range c.brings {
		if brings[at][slot] {
			return nil
		}
	}
	return fmt.Errorf("no fetch brings %s", path)
}
