package supergraph

import (
	"slices"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
)

// maxInterfaces bounds how many interfaces a type can implement: with chains of interfaces a short text could mean a
// huge schema.
const maxInterfaces = 500

// joinHierarchy fills in who implements what and which types are possible, in the supergraph and in each subgraph.
func (l *loader) joinHierarchy() {
	for _, d := range l.decls {
		for _, ref := range d.implements {
			l.implement(d, l.doc.Types[ref].Name)
		}
		for _, join := range d.directives.all(element{"join", "implements"}) {
			name, _ := join.text("interface")
			if g := l.subgraph(join, Coordinate(d.Name)); g != nil {
				l.implementIn(d, g, name, join)
			}
		}
	}
	l.closeInterfaces()
	l.findPossible()
	for _, d := range l.decls {
		if d.Kind == Union {
			l.joinMembers(d)
		}
	}
}

// implement notes that a type implements an interface, in the supergraph.
func (l *loader) implement(d *decl, ref ast.ByteSliceReference) {
	name := l.doc.str(ref)
	i := l.schema.byName[name]
	if i == nil || i.Kind != Interface || i == d.Type {
		l.problems.add(ref.Start, Coordinate(d.Name), "%s is not an interface that it could implement", name)
		return
	}
	d.implementOnce(i)
}

// implementOnce adds an interface, unless it is there already or there are too many.
func (d *decl) implementOnce(i *Type) {
	if len(d.Interfaces) <= maxInterfaces && !slices.Contains(d.Interfaces, i) {
		d.Interfaces = append(d.Interfaces, i)
	}
}

// implementIn notes that a type implements an interface in a subgraph.
func (l *loader) implementIn(d *decl, g *Subgraph, name string, join directive) {
	i, in := l.schema.byName[name], d.In[g.Index]
	switch {
	case i == nil || i.Kind != Interface || i == d.Type:
		l.problems.add(join.at(), Coordinate(d.Name), "%q is not an interface that it could implement", name)
	case in == nil:
		l.problems.add(join.at(), Coordinate(d.Name), "subgraph %s does not know the type", g.Name)
	case len(in.Implements) <= maxInterfaces && !slices.Contains(in.Implements, i):
		at, _ := slices.BinarySearchFunc(in.Implements, i, byTypeName)
		in.Implements = slices.Insert(in.Implements, at, i)
		d.implementOnce(i)
	}
}

// closeInterfaces adds the interfaces of interfaces, and sorts.
func (l *loader) closeInterfaces() {
	closed := map[*Type][]*Type{}
	for _, d := range l.decls {
		if len(d.Interfaces) > 0 {
			closed[d.Type] = allInterfaces(d.Type)
		}
		if len(closed[d.Type]) > maxInterfaces {
			l.problems.add(d.at, Coordinate(d.Name), "the type implements more than %d interfaces", maxInterfaces)
			return
		}
	}
	for t, all := range closed {
		t.Interfaces = all
	}
}

// allInterfaces returns what t implements, directly or through other interfaces. Circles do no harm.
func allInterfaces(t *Type) []*Type {
	all := slices.Clone(t.Interfaces)
	seen := map[*Type]bool{t: true}
	for _, i := range all {
		seen[i] = true
	}
	for n := 0; n < len(all) && len(all) <= maxInterfaces; n++ {
		for _, i := range all[n].Interfaces {
			if !seen[i] {
				seen[i] = true
				all = append(all, i)
			}
		}
	}
	slices.SortFunc(all, byTypeName)
	return all
}

// findPossible adds each object type to what it is an instance of. Types are visited by name, so that the lists are
// sorted.
func (l *loader) findPossible() {
	for _, t := range l.schema.Types {
		if t.Kind != Object {
			continue
		}
		t.Possible = []*Type{t}
		for _, i := range t.Interfaces {
			i.Possible = append(i.Possible, t)
		}
		for index, in := range t.In {
			if in == nil {
				continue
			}
			in.Possible = t.Possible
			for _, i := range in.Implements {
				if at := i.In[index]; at != nil && !at.InterfaceObject {
					at.Possible = append(at.Possible, t)
				}
			}
		}
	}
}

// joinMembers fills in the members of a union: in the supergraph, and in each subgraph by @join__unionMember, or,
// if the union has none (join v0.2), wherever union and member are known.
func (l *loader) joinMembers(d *decl) {
	coor := Coordinate(d.Name)
	member := map[string]*Type{}
	for _, ref := range d.members {
		name := l.doc.Types[ref].Name
		t := l.schema.byName[l.doc.str(name)]
		if t == nil || t.Kind != Object || member[t.Name] != nil {
			l.problems.add(name.Start, coor, "%s is not an object type that could be one more member", l.doc.str(name))
			continue
		}
		member[t.Name] = t
		d.Possible = append(d.Possible, t)
	}
	slices.SortFunc(d.Possible, byTypeName)
	joins := d.directives.all(element{"join", "unionMember"})
	seen := map[memberIn]bool{}
	for _, join := range joins {
		name, _ := join.text("member")
		g, t := l.subgraph(join, coor), member[name]
		if g == nil {
			continue
		}
		if t == nil || d.In[g.Index] == nil || t.In[g.Index] == nil {
			l.problems.add(join.at(), coor, "%q is not a member in subgraph %s", name, g.Name)
			continue
		}
		if in := d.In[g.Index]; !seen[memberIn{g, t}] {
			seen[memberIn{g, t}] = true
			in.Possible = append(in.Possible, t)
		}
	}
	for index, in := range d.In {
		for _, t := range d.Possible {
			if in != nil && len(joins) == 0 && t.In[index] != nil {
				in.Possible = append(in.Possible, t)
			}
		}
		if in != nil {
			slices.SortFunc(in.Possible, byTypeName)
		}
	}
}

type memberIn struct {
	*Subgraph
	*Type
}
