package planner

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// assembly is one fetch while its document and lookups are put together.
type assembly struct {
	planning *planning
	node     *node
	root     *selection // nil for an entity fetch
	lookups  []*lookup
	leaves   [][]step // from the entry down
	// needs are the fetches that are done before, tells where this one tells the types of objects, once that was asked.
	needs []*assembly
	tells map[*Object]bool
}

// lookup is what is looked up of the objects of one site: entries whose representations can be one.
type lookup struct {
	budget    *budget
	place     *place
	path      []Step
	typename  string
	types     typeSet
	byType    map[*supergraph.Type]*Representation
	selection *selection
	contexts  []contextual
}

// assemble is the last stage: the nodes of a fetch graph become fetches with documents.
func (p *planning) assemble(a *activation, g *graph, plan *Plan) {
	nodes := g.ordered()
	assemblies := make(map[*entry]*assembly, len(a.order))
	ids := make(map[*node]int, len(nodes))
	all := make([]*assembly, len(nodes))
	for i, n := range nodes {
		ids[n] = len(plan.Fetches) + i + 1
		all[i] = p.open(n)
		for _, e := range n.entries {
			assemblies[e] = all[i]
		}
	}
	insert := func(t taken) { assemblies[t.way.entry].insert(t) }
	for _, t := range a.picks {
		insert(t)
	}
	for _, n := range nodes {
		for _, e := range n.entries {
			for _, t := range a.needs[e.id] {
				insert(t)
			}
		}
	}
	for i, n := range nodes {
		for _, need := range n.needs {
			all[i].needs = append(all[i].needs, assemblies[need.entries[0]])
		}
		f := all[i].close()
		f.ID = ids[n]
		for _, need := range n.needs {
			f.Needs = append(f.Needs, ids[need])
		}
		slices.Sort(f.Needs)
		plan.Fetches = append(plan.Fetches, f)
	}
}

// open starts a fetch.
func (p *planning) open(n *node) *assembly {
	f := &assembly{planning: p, node: n}
	if first := n.entries[0]; first.root {
		f.root = newSelection(first.subgraph, first.site.place, first.way.static, first.types)
		return f
	}
	return f
}

// static is the type that the selection set of the lookup is on: the interface whose name the representations bear, or
// nil for _Entity.
func (l *lookup) static(schema *supergraph.Schema) *supergraph.Type {
	if l.typename == "" {
		return nil
	}
	return schema.Type(l.typename)
}

// lookUp sorts the leaves of an entity fetch into lookups: a subgraph is asked only about objects of types of which it
// resolves something that is wanted.
func (f *assembly) lookUp() {
	of := make([]*lookup, len(f.leaves))
	for i, steps := range f.leaves {
		first := steps[0]
		types := first.branch.types.and(first.way.types)
		switch e := first.way.entry; {
		case e.typename != "" && e.way.iface == nil:
			types = e.types // this is where the types are told
		case e.way.iface != nil && e.site.opaque():
			types = first.way.types // whatever brings the others, nobody may have told them apart
			if first.branch.use.key != "" {
				types = first.branch.use.scope.and(types)
			} else if !types.hasAll(e.site.wanted) && !f.told(e.site.place.layout) {
				types = types.or(e.site.wanted) // nor can anybody tell those for whom a requirement is brought
			}
		}
		of[i] = f.lookupFor(first.way.entry, types)
	}
	for _, l := range f.lookups {
		l.selection = newSelection(f.node.entries[0].subgraph, l.place, l.static(f.planning.schema), l.types)
	}
	for i, steps := range f.leaves {
		of[i].selection.insert(steps)
	}
}

// lookupFor returns the lookup of an entry for objects of the types. An interface object cannot tell types apart, so that
// what is wanted of some of them has a lookup of its own.
func (f *assembly) lookupFor(e *entry, types typeSet) *lookup {
	path := e.site.path()
	for _, l := range f.lookups {
		if l.place != e.site.place || l.typename != e.typename || !samePath(l.path, path) ||
			e.way.iface != nil && !l.types.equal(types) || !sameContexts(l.contexts, e.contexts) {
			continue
		}
		if l.admit(e, types) {
			return l
		}
	}
	l := &lookup{
		budget: &f.planning.budget, place: e.site.place, path: path, typename: e.typename, contexts: e.contexts,
		byType: map[*supergraph.Type]*Representation{},
	}
	l.admit(e, types)
	f.lookups = append(f.lookups, l)
	return l
}

func samePath(a, b []Step) bool {
	return slices.EqualFunc(a, b, func(x, y Step) bool { return x.Slot == y.Slot && typeSet(x.Types).equal(y.Types) })
}

// admit adds an entry's representations, all or none.
func (l *lookup) admit(e *entry, types typeSet) bool {
	l.budget.spend(1 + len(types)*(len(e.key)+len(e.requires))/16)
	added := make(map[*supergraph.Type]*Representation, len(types))
	for _, t := range types {
		r := represent(e, t, l.byType[t])
		if r == nil {
			return false
		}
		added[t] = r
	}
	maps.Copy(l.byType, added)
	l.types = l.types.or(types)
	return true
}

func (f *assembly) insert(t taken) {
	steps := []step{{branch: t.branch, way: t.way}}
	for w := t.way; w.from != nil; w = w.from {
		steps = append(steps, step{branch: w.through, way: w.from})
	}
	slices.Reverse(steps)
	if f.root != nil {
		f.root.insert(steps)
		return
	}
	f.leaves = append(f.leaves, steps)
}

// close prints the document and lists what the fetch needs to run.
func (f *assembly) close() *Fetch {
	first := f.node.entries[0]
	fetch := &Fetch{Subgraph: first.subgraph, Path: []Step{}}
	var names []string
	if f.root != nil {
		f.root.finish()
		names = f.root.variables(nil)
		if first.site.place.parent == nil {
			fetch.Kind = f.planning.op.Operation().Kind
		}
		fetch.Root, fetch.Path = f.root.answer.out, first.site.path()
	}
	f.lookUp()
	for _, l := range f.lookups {
		l.selection.finish()
		names = l.selection.variables(names)
	}
	fetch.Variables = f.planning.variableIndexes(names)
	groups := f.group()
	f.nameLookups(fetch, groups, names)
	fetch.Document = f.document(fetch, groups)
	return fetch
}

func (p *planning) variableIndexes(names []string) []int {
	var indexes []int
	for i, v := range p.op.Operation().Variables {
		if slices.Contains(names, v.Name) {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// group puts lookups that ask the same into one list. The fields that they select stand for the whole list.
func (f *assembly) group() [][]*lookup {
	var groups [][]*lookup
	at := map[string]int{}
	for _, l := range f.lookups {
		var b strings.Builder
		l.selection.appendTo(&b)
		for _, c := range l.contexts {
			b.WriteString(" " + c.arg.Type)
		}
		key := l.typename + b.String()
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], l)
	}
	return groups
}

// nameLookups gives each group of lookups its alias and a variable that the client's variables leave free.
func (f *assembly) nameLookups(fetch *Fetch, groups [][]*lookup, taken []string) {
	contextual := slices.ContainsFunc(f.lookups, func(l *lookup) bool { return len(l.contexts) > 0 })
	for i, group := range groups {
		alias, variable := "_entities", "representations"
		if len(groups) > 1 {
			alias, variable = "_e"+strconv.Itoa(i), "r"+strconv.Itoa(i)
		}
		variable = free(variable, taken)
		out := &Lookup{Alias: alias, Variable: variable}
		for _, l := range group {
			out.Targets = append(out.Targets, &Target{
				Path: l.path, Object: l.place.layout,
				Representations: l.representations(), Selection: l.selection.answer.out,
				Contexts: contextSlots(fetch.Subgraph, l.contexts),
			})
		}
		if first := group[0]; contextual {
			var b strings.Builder
			f.printSelection(&b, first)
			out.Variables = f.planning.variableIndexes(first.selection.variables(nil))
			out.nameContexts(first.contexts, b.String(), func(n int) string {
				return free("c"+strconv.Itoa(i)+"_"+strconv.Itoa(n), taken)
			})
		}
		fetch.Entities = append(fetch.Entities, out)
	}
}

// free is a name like the given one that no variable of the client begins with.
func free(name string, taken []string) string {
	for slices.ContainsFunc(taken, func(t string) bool { return strings.HasPrefix(t, name) }) {
		name = "_" + name
	}
	return name
}

// representations lists the templates, those of an interface that are written alike as one.
func (l *lookup) representations() []*Representation {
	var list []*Representation
next:
	for _, t := range l.types {
		r := l.byType[t]
		for _, o := range list {
			if o.Typename == r.Typename && sameMembers(o.Fields, sorted(r.Fields)) {
				o.Types = append(o.Types, t)
				continue next
			}
		}
		list = append(list, &Representation{Types: []*supergraph.Type{t}, Typename: r.Typename, Fields: sorted(r.Fields)})
	}
	return list
}

func (f *assembly) document(fetch *Fetch, groups [][]*lookup) string {
	var b strings.Builder
	b.WriteString(fetch.Kind.String())
	sep := byte('(')
	for _, i := range fetch.Variables {
		b.WriteByte(sep)
		b.WriteString(f.planning.op.Operation().Variables[i].Definition())
		sep = ','
	}
	for _, l := range fetch.Entities {
		b.WriteByte(sep)
		b.WriteString("$" + l.Variable + ":[_Any!]!")
		sep = ','
		for _, c := range l.Contexts {
			b.WriteString(",$" + c.Variable + ":" + c.Type)
		}
	}
	if sep == ',' {
		b.WriteByte(')')
	}
	if f.root != nil {
		f.root.appendTo(&b)
		return b.String()
	}
	b.WriteByte('{')
	for i, group := range groups {
		if i > 0 {
			b.WriteByte(' ')
		}
		f.printLookup(&b, group[0], fetch.Entities[i])
	}
	b.WriteByte('}')
	return b.String()
}

func (f *assembly) printLookup(b *strings.Builder, l *lookup, out *Lookup) {
	if out.Alias != "_entities" {
		b.WriteString(out.Alias + ":")
	}
	b.WriteString("_entities(representations:$" + out.Variable + ")")
	if len(out.Contexts) > 0 {
		b.WriteString(out.text())
		return
	}
	f.printSelection(b, l)
}

func (f *assembly) printSelection(b *strings.Builder, l *lookup) {
	if l.selection.static == nil {
		l.selection.appendTo(b)
		return
	}
	b.WriteString("{...on " + l.selection.static.Name)
	l.selection.appendTo(b)
	b.WriteByte('}')
}
