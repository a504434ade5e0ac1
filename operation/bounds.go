package operation

import "github.com/gatehouse-graphql/gatehouse/internal/gqlerr"

// size is how large a selection set is when its fragments are spread.
type size struct {
	fields, aliases, roots, depth int
	// nodes are all fields, fragments, directives and values, text the bytes of aliases and values: what it costs to copy the set.
	nodes, text int
	// lists is how many introspection list fields stand in one another, introspection the same below __schema and __type.
	lists, introspection int
}

// maxSize keeps sums from overflowing; every limit is far below it.
const maxSize = 1 << 40

// add adds what stands beside s.
func (s *size) add(t size) {
	s.fields = min(maxSize, s.fields+t.fields)
	s.nodes = min(maxSize, s.nodes+t.nodes)
	s.text = min(maxSize, s.text+t.text)
	s.aliases = min(maxSize, s.aliases+t.aliases)
	s.roots = min(maxSize, s.roots+t.roots)
	s.depth = max(s.depth, t.depth)
	s.lists = max(s.lists, t.lists)
	s.introspection = max(s.introspection, t.introspection)
}

// bound refuses a document that is larger than the limits allow. Fragments must be linked, which cuts cycles. Each
// definition is measured once, so the cost is linear in the document.
func bound(doc *document, limits Limits) gqlerr.List {
	measured := map[*definition]bool{}
	var errs gqlerr.List
	fields, nodes := 0, 0
	for _, op := range doc.operations {
		measure(op, measured)
		fields = min(maxSize, fields+op.size.fields)
		nodes = min(maxSize, nodes+op.size.nodes)
		errs = append(errs, exceeded(op, limits, doc.length)...)
	}
	switch {
	case len(errs) > 0:
	case fields > workFactor*limits.Fields:
		errs = append(errs, gqlerr.New(gqlerr.QueryFieldLimitExceeded,
			"The operations of the document select %d fields together, more than %d.", fields, workFactor*limits.Fields))
	case nodes > limits.totalNodes():
		errs = append(errs, gqlerr.New(gqlerr.QueryFieldLimitExceeded,
			"The operations of the document consist of %d selections, directives and values together, more than %d.",
			nodes, limits.totalNodes()))
	}
	return errs[:min(len(errs), maxErrors)]
}

// exceeded reports the limits that one operation exceeds, in a document of that many bytes.
func exceeded(op *definition, limits Limits, length int) gqlerr.List {
	var errs gqlerr.List
	for _, check := range []struct {
		code      gqlerr.Code
		got, most int
		text      string
	}{
		{gqlerr.QueryDepthLimitExceeded, op.size.depth, limits.Depth, "nests fields %d deep, more than %d"},
		{gqlerr.QueryAliasLimitExceeded, op.size.aliases, limits.Aliases, "has %d aliases, more than %d"},
		{gqlerr.QueryRootFieldLimitExceeded, op.size.roots, limits.RootFields, "has %d root fields, more than %d"},
		{gqlerr.QueryFieldLimitExceeded, op.size.fields, limits.Fields, "selects %d fields, more than %d"},
		{
			gqlerr.QueryFieldLimitExceeded, op.size.nodes, limits.nodes(),
			"consists of %d selections, directives and values, more than %d",
		},
		{
			gqlerr.QueryFieldLimitExceeded, op.size.text, length + maxRepeated,
			"repeats aliases and values up to %d bytes, more than %d",
		},
		{
			gqlerr.IntrospectionLimitExceeded, op.size.introspection, maxIntrospectionLists,
			"nests %d lists of the schema's introspection, more than %d",
		},
	} {
		if check.got > check.most {
			errs = append(errs, gqlerr.New(check.code, "The operation "+check.text+".", check.got, check.most).
				At(int(op.line), int(op.column)))
		}
	}
	return errs
}

// measure returns the size of a definition.
func measure(d *definition, measured map[*definition]bool) size {
	if !measured[d] {
		measured[d] = true
		d.size = measureSet(d.sub, measured)
	}
	return d.size
}

// measureSet returns the size of a selection set.
func measureSet(sub []*selectionNode, measured map[*definition]bool) size {
	var s size
	for _, sel := range sub {
		s.add(size{nodes: 1, text: len(sel.alias)})
		s.addDirectives(sel.directives)
		s.addArguments(sel.args)
		switch {
		case sel.kind == inlineNode:
			s.add(measureSet(sel.sub, measured))
		case sel.kind == spreadNode && sel.target != nil:
			s.add(measure(sel.target, measured))
		case sel.kind == fieldNode:
			s.add(measureField(sel, measured))
		}
	}
	return s
}

// measureField returns the size of a field as a member of its selection set.
func measureField(sel *selectionNode, measured map[*definition]bool) size {
	s := measureSet(sel.sub, measured)
	s.fields = min(maxSize, s.fields+1)
	s.roots = 1
	s.depth++
	if sel.alias != "" {
		s.aliases = min(maxSize, s.aliases+1)
	}
	switch sel.name {
	case "__schema", "__type":
		s.introspection = max(s.introspection, s.lists)
	case "types", "directives", "fields", "args", "interfaces", "possibleTypes", "enumValues", "inputFields":
		s.lists++
	}
	return s
}

func (s *size) addDirectives(list []*directiveNode) {
	for _, d := range list {
		s.add(size{nodes: 1})
		s.addArguments(d.args)
	}
}

func (s *size) addArguments(args []*argumentNode) {
	for _, a := range args {
		s.text = min(maxSize, s.text+len(a.name))
		s.addValue(a.value)
	}
}

func (s *size) addValue(v *valueNode) {
	s.add(size{nodes: 1, text: len(v.text)})
	s.addArguments(v.fields)
	for _, e := range v.list {
		s.addValue(e)
	}
}
