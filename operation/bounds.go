package operation

import "github.com/gatehouse-graphql/gatehouse/internal/gqlerr"

// size is how large a selection set is when its fragments are spread.
type size struct {
	fields, aliases, roots, depth int
	// nodes are all fields, fragments, directives and values: what it costs to copy the set.
	nodes int
	// lists is how many introspection list fields stand in one another, introspection the same below __schema and __type.
	lists, introspection int
}

// maxSize keeps sums from overflowing; every limit is far below it.
const maxSize = 1 << 40

// add adds what stands beside s.
func (s *size) add(t size) {
	s.fields = min(maxSize, s.fields+t.fields)
	s.nodes = min(maxSize, s.nodes+t.nodes)
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
	total := 0
	for _, op := range doc.operations {
		measure(op, measured)
		total = min(maxSize, total+op.size.fields)
		errs = append(errs, exceeded(op, limits)...)
	}
	if most := workFactor * limits.Fields; len(errs) == 0 && total > most {
		errs = append(errs, gqlerr.New(gqlerr.QueryFieldLimitExceeded,
			"The operations of the document select %d fields together, more than %d.", total, most))
	}
	return errs[:min(len(errs), maxErrors)]
}

// exceeded reports the limits that one operation exceeds.
func exceeded(op *definition, limits Limits) gqlerr.List {
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
			gqlerr.QueryFieldLimitExceeded, op.size.nodes, nodeFactor * limits.Fields,
			"consists of %d selections, directives and values, more than %d",
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
		s.nodes = min(maxSize, s.nodes+1+directiveNodes(sel.directives)+argumentNodes(sel.args))
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

func directiveNodes(list []*directiveNode) int {
	n := len(list)
	for _, d := range list {
		n += argumentNodes(d.args)
	}
	return n
}

func argumentNodes(args []*argumentNode) int {
	n := 0
	for _, a := range args {
		n += valueNodes(a.value)
	}
	return n
}

func valueNodes(v *valueNode) int {
	n := 1 + argumentNodes(v.fields)
	for _, e := range v.list {
		n += valueNodes(e)
	}
	return n
}
