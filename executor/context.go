package executor

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/planner"
)

// contextSource is a compiled planner.ContextSource.
type contextSource struct {
	up     int
	types  []bool // of the objects that set the context, by index; nil for all
	layout *layout
	parts  []part
}

// contextual is what a fetch with contexts needs to write its document: the definitions of the client's variables.
type contextual struct{ definitions []definition }

// definition is that of the client's variable with an index.
type definition struct {
	variable int
	text     string
}

func (c *compiler) contextual(f *planner.Fetch) *contextual {
	out := &contextual{}
	for i, v := range f.Variables {
		out.definitions = append(out.definitions, definition{v, f.Definitions[i]})
	}
	return out
}

// contexts compiles the sources of a target's contexts.
func (c *compiler) contexts(out *target, t *planner.Target) {
	for _, sources := range t.Contexts {
		list := make([]contextSource, len(sources))
		for i, s := range sources {
			l := c.layout(s.Object)
			list[i] = contextSource{up: s.Up, types: l.typeSet(s.Types), layout: l, parts: c.parts(l, s.Fields)}
		}
		out.contexts = append(out.contexts, list)
	}
}

// gatherer finds the objects of a lookup, each with the values of its contexts.
type gatherer struct {
	*collector
	// values are the different values of the contexts, in the order in which they were met; index finds them.
	values []contextValues
	index  map[string]int
	// sources are where the values of the object at hand are from, known those of the one before, which has the values with
	// the index last: children of one parent are not worth a text each.
	sources, known []origin
	last           int
}

// origin is the object that a value is from, by which source; nil when none sets the context.
type origin struct {
	source *contextSource
	object uint32
}

// contextValues are values of all contexts of a lookup, and the objects that have them.
type contextValues struct {
	texts   []string
	objects []sought
}

// take notes an object with its values.
func (g *gatherer) take(at, runtime uint32) bool {
	if g.templateFor(at, runtime) == nil {
		return true
	}
	g.sources = g.sources[:0]
	for _, sources := range g.target.contexts {
		from, ok := g.originOf(sources)
		if !ok {
			g.fault = faultUnknown
			g.leaveOut(at)
			return true
		}
		g.sources = append(g.sources, from)
	}
	if !slices.Equal(g.sources, g.known) {
		texts, ok := g.texts()
		if !ok {
			g.leaveOut(at)
			return !g.tooLong
		}
		if g.last, ok = g.note(texts); !ok {
			return false
		}
		g.known = append(g.known[:0], g.sources...)
	}
	n := &g.values[g.last]
	n.objects = append(n.objects, sought{object: at, target: g.at})
	return true
}

// note returns the index of values that were met already, or are new. It returns false when there are too many.
func (g *gatherer) note(texts []string) (int, bool) {
	key := strings.Join(texts, "\x00")
	if n, ok := g.index[key]; ok {
		return n, true
	}
	n := len(g.values)
	if n >= g.limits.count {
		return 0, false
	}
	if g.kept += len(key); g.kept > g.limits.bytes {
		g.tooLong = true
		return 0, false
	}
	g.index[key] = n
	g.values = append(g.values, contextValues{texts: texts})
	return n, true
}

// texts returns the values of the object at hand; false when one is invalid or not known, or they are too long.
func (g *gatherer) texts() ([]string, bool) {
	var texts []string
	for _, from := range g.sources {
		mark := len(g.body)
		g.fault = faultless
		ok := true
		if from.source == nil {
			g.body = append(g.body, "null"...)
		} else {
			ok = g.contextValue(from.source.layout, from.source.parts, from.object) && g.fits()
		}
		if ok {
			texts = append(texts, string(g.body[mark:]))
		}
		if g.fault == faultUnknown && from.object == g.above[0] {
			g.fault = faultUnknownRoot
		}
		if g.tooLong || !g.takeBack(mark) || !ok {
			return nil, false
		}
	}
	return texts, true
}

// originOf finds the nearest object that sets the context. It returns false when nobody knows whether an object does, since its type
// is lost.
func (g *gatherer) originOf(sources []contextSource) (from origin, ok bool) {
	for i := range sources {
		s := &sources[i]
		at := g.above[s.up]
		switch runtime := g.tree.slab[at].len; {
		case s.types == nil || knownType(runtime) && s.types[runtime-1]:
			return origin{s, at}, true
		case runtime == typeUnset && g.typeLost(s.layout, at):
			return origin{}, false
		}
	}
	return origin{}, true
}

// contextValue appends the value that parts lead to: of those that the object has, the first that is more than the run-time
// type, which is there for the gateway's own sake where there are others.
func (g *gatherer) contextValue(l *layout, parts []part, at uint32) bool {
	runtime := g.tree.slab[at].len
	if runtime == typeUnset && slices.ContainsFunc(parts, part.dependsOnType) && g.typeLost(l, at) {
		g.fault = faultUnknown
		return false
	}
	var chosen *part
	for i := range parts {
		p := &parts[i]
		if p.types != nil && (!knownType(runtime) || !p.types[runtime-1]) {
			continue
		}
		if chosen == nil || chosen.isTypename() {
			chosen = p
		}
	}
	switch {
	case chosen == nil:
		g.body = append(g.body, "null"...)
		return true
	case chosen.isTypename():
		if !knownType(runtime) {
			return g.invalid(chosen)
		}
		g.body = append(g.body, l.types[runtime-1].quoted...)
		return true
	}
	v := g.tree.slab[at+1+uint32(chosen.slot)]
	if !v.there() && !g.absent(l, chosen, v) {
		return false
	}
	return g.contextPart(chosen, v)
}

// contextPart appends a value, or what it leads to.
func (g *gatherer) contextPart(p *part, v value) bool {
	if !g.fits() {
		return false
	}
	switch {
	case p.layout == nil || v.kind != object && v.kind != list:
		return g.value(p, v)
	case v.kind == object:
		return g.contextValue(p.layout, p.parts, v.off)
	}
	g.body = append(g.body, '[')
	for i := range v.len {
		if i > 0 {
			g.body = append(g.body, ',')
		}
		if !g.contextPart(p, g.tree.slab[v.off+i]) {
			return false
		}
	}
	g.body = append(g.body, ']')
	return true
}

// asking is a lookup as one run makes it: with one value of each of its contexts.
type asking struct {
	*lookup
	alias, variable string
	contexts        []string // the names of its variables for contexts
	values          *contextValues
}

// contextualBody writes the body of a fetch with contexts: each lookup is made once for each value. It returns false when no
// object is looked up.
func (r *run) contextualBody(i int) bool {
	f, s := r.program.fetches[i], &r.states[i]
	c := &r.collector
	c.body, c.foreign = s.body[:0], foreign{s.foreign[:0], f.inputs.canonical}
	defer func() { s.body, s.foreign = c.body, c.foreign.spans }()
	c.start()
	askings, ok := r.askings(i)
	document := ""
	if ok {
		document, ok = f.contextual.document(askings, c.limits.bytes)
		c.tooLong = c.tooLong || !ok
	}
	if !ok {
		r.fail(i, c.problem())
		return false
	}
	if !r.holdAskings(askings, len(document)) {
		r.fail(i, noMemoryFor(f))
		return false
	}
	s.lookups = make([]*lookup, len(askings))
	for n, a := range askings {
		s.lookups[n] = &lookup{alias: a.alias, targets: a.targets}
	}
	c.body, c.foreign.spans = c.body[:0], c.foreign.spans[:0]
	c.body = gqlerr.AppendString(append(c.body, `{"query":`...), document)
	if len(askings) == 0 {
		return false
	}
	return r.contextualVariables(i, askings)
}

// holdAskings asks for the memory of what is known before a request is written.
func (r *run) holdAskings(askings []asking, document int) bool {
	const askingSize = 256
	r.memory.requests += int64(document) + askingSize*int64(len(askings))
	for _, a := range askings {
		if a.values == nil {
			continue
		}
		r.memory.requests += soughtSize * int64(cap(a.values.objects))
		for _, text := range a.values.texts {
			r.memory.requests += int64(len(text))
		}
	}
	return r.mayHold(0)
}

// askings decides how often each lookup of a fetch is made.
func (r *run) askings(i int) ([]asking, bool) {
	var all []asking
	for _, l := range r.program.fetches[i].lookups {
		if len(l.planned.Contexts) == 0 {
			all = append(all, asking{lookup: l, alias: l.alias, variable: l.planned.Variable})
			continue
		}
		g := gatherer{collector: &r.collector, index: map[string]int{}}
		g.begin(&batch{})
		g.collector.gatherer = &g
		ok := r.collectTargets(i, l)
		g.collector.gatherer = nil
		if !ok {
			return nil, false
		}
		for n := range g.values {
			suffix := ""
			if len(g.values) > 1 {
				suffix = "_" + strconv.Itoa(n)
			}
			a := asking{lookup: l, alias: l.alias + suffix, variable: l.planned.Variable + suffix, values: &g.values[n]}
			for _, context := range l.planned.Contexts {
				a.contexts = append(a.contexts, context.Variable+suffix)
			}
			all = append(all, a)
		}
	}
	return all, true
}

// document writes the document of a fetch with contexts, as the planner does; false when it has more than so many bytes: a
// client's selections may be long, and values of contexts many.
func (c *contextual) document(askings []asking, limit int) (string, bool) {
	var b strings.Builder
	b.WriteString("query")
	separator := "("
	define := func(definition string) {
		b.WriteString(separator + definition)
		separator = ","
	}
	for _, d := range c.definitions {
		if isUsed(askings, d.variable) {
			define(d.text)
		}
	}
	for _, a := range askings {
		define("$" + a.variable + ":[_Any!]!")
		for n, name := range a.contexts {
			define("$" + name + ":" + a.planned.Contexts[n].Type)
		}
	}
	b.WriteString("){")
	for n, a := range askings {
		if n > 0 {
			b.WriteByte(' ')
		}
		if a.alias != "_entities" {
			b.WriteString(a.alias + ":")
		}
		b.WriteString("_entities(representations:$" + a.variable + ")")
		if b.Len() > limit {
			return "", false
		}
		for i, text := range a.planned.Text {
			b.WriteString(text)
			if i < len(a.planned.Between) {
				b.WriteString("$" + a.contexts[a.planned.Between[i]])
			}
		}
	}
	b.WriteByte('}')
	return b.String(), b.Len() <= limit
}

// isUsed tells whether some lookup that is made uses the client's variable with an index: others must not be defined.
func isUsed(askings []asking, variable int) bool {
	return slices.ContainsFunc(askings, func(a asking) bool { return slices.Contains(a.planned.Variables, variable) })
}

// contextualVariables appends the variables, in the order of their names.
func (r *run) contextualVariables(i int, askings []asking) bool {
	f, s, c := r.program.fetches[i], &r.states[i], &r.collector
	type variable struct {
		name  string
		write func() bool
	}
	var list []variable
	send := false
	r.batches(s, len(askings), 0)
	for _, in := range f.inputs.list {
		if in.lookup < 0 && r.request.Values[in.index] != nil && isUsed(askings, in.index) {
			list = append(list, variable{in.name, func() bool { c.foreignValue(r.request.Values[in.index]); return true }})
		}
	}
	for n, a := range askings {
		list = append(list, variable{a.variable, func() bool {
			c.body = append(c.body, '[')
			ok := r.collectAsking(i, a, &s.batches[n])
			c.body = append(c.body, ']')
			send = send || len(s.batches[n].asked) > 0
			return ok
		}})
		for k, name := range a.contexts {
			list = append(list, variable{name, func() bool { c.foreignValue([]byte(a.values.texts[k])); return true }})
		}
	}
	slices.SortFunc(list, func(a, b variable) int { return strings.Compare(a.name, b.name) })
	for n, v := range list {
		c.body = append(c.body, [2]string{`,"variables":{`, ","}[min(n, 1)]...)
		c.body = append(gqlerr.AppendString(c.body, v.name), ':')
		if !v.write() {
			r.fail(i, c.problem())
			return false
		}
	}
	c.body = append(c.body, '}')
	return send
}

// collectAsking gathers the representations of a lookup for one value of its contexts.
func (r *run) collectAsking(i int, a asking, b *batch) bool {
	if a.values == nil {
		return r.collect(i, a.lookup, b)
	}
	c := &r.collector
	c.begin(b)
	for _, o := range a.values.objects {
		if c.target != a.targets[o.target] {
			r.spoilt(i)
			c.aim(a.targets[o.target], int(o.target))
		}
		if !c.add(o.object, c.tree.slab[o.object].len) {
			return false
		}
	}
	r.spoilt(i)
	return true
}
