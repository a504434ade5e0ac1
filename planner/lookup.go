package planner

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// lookup is what is looked up of the objects of one site: entries whose representations can be one.
type lookup struct {
	budget *budget
	place  *place
	path   []Step
	// static is the interface that the representations name and that the selection is on; nil when each representation names
	// its object's own type.
	static    *supergraph.Type
	types     typeSet
	byType    map[*supergraph.Type]*Representation
	selection *selection
	contexts  []contextual
}

// makeLookups sorts the leaves of an entity fetch into lookups: a subgraph is asked only about objects of types of which it
// resolves something that is wanted.
func (f *assembly) makeLookups() {
	of := make([]*lookup, len(f.leaves))
	for i, steps := range f.leaves {
		first := steps[0]
		types := first.branch.types.and(first.way.types)
		switch e := first.way.entry; {
		case e.way.byInterface():
			types = e.types // this lookup tells the types, so it is for all
		case e.way.iface != nil && e.site.opaque():
			types = first.way.types // of whatever types they are: nobody may have told them apart
			if first.branch.use.key != "" {
				types = first.branch.use.scope.and(types)
			} else if !types.hasAll(e.site.wanted) && !f.told(e.site.place.layout) {
				types = types.or(e.site.wanted) // one lookup for all, since nobody can pick out those of which it is required
			}
		}
		of[i] = f.lookupFor(first.way.entry, types)
	}
	for _, l := range f.lookups {
		l.selection = f.planning.newSelection(f.node.entries[0].subgraph, l.place, l.static, l.types)
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
		if l.place != e.site.place || l.static != e.way.static || !samePath(l.path, path) ||
			e.way.iface != nil && !l.types.equal(types) || !sameContexts(l.contexts, e.contexts) {
			continue
		}
		if l.admit(e, types) {
			return l
		}
	}
	l := &lookup{
		budget: &f.planning.budget, place: e.site.place, path: path, static: e.way.static, contexts: e.contexts,
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

// group puts lookups that ask the same into one list. The fields that they select stand for the whole list.
func (f *assembly) group() [][]*lookup {
	type question struct {
		on   *supergraph.Type
		text string
	}
	var groups [][]*lookup
	at := map[question]int{}
	for _, l := range f.lookups {
		var b strings.Builder
		l.selection.appendTo(&b)
		for _, c := range l.contexts {
			b.WriteString(" " + c.arg.Type)
		}
		key := question{l.static, b.String()}
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
func (f *assembly) nameLookups(fetch *Fetch, groups [][]*lookup, taken usedVariables) {
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
			uses := usedVariables{}
			first.selection.addVariables(uses)
			out.Variables = f.planning.variableIndexes(uses)
			out.nameContexts(first.contexts, b.String(), func(n int) string {
				return free("c"+strconv.Itoa(i)+"_"+strconv.Itoa(n), taken)
			})
		}
		fetch.Entities = append(fetch.Entities, out)
	}
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
