package operation

// Limits bound what a document may ask for. They are checked before anything reads the document recursively or expands
// its fragments, so that the cost of refusing a document is linear in its length. A limit that is not positive is
// replaced by its default.
type Limits struct {
	// Tokens of the whole document; comments do not count. Default 15,000.
	Tokens int
	// Depth is how many fields stand in one another, fragments spread. Default 50.
	Depth int
	// Aliases of one operation, fragments spread. Default 100.
	Aliases int
	// RootFields of one operation, fragments spread. Default 100.
	RootFields int
	// Fields of one operation, fragments spread. Default 5,000. All operations of one document together may have
	// workFactor times as many, and each may have nodeFactor selections, directives and values for each of them.
	Fields int
}

const (
	// workFactor is how many times Limits.Fields all operations of a document together may have.
	workFactor = 4
	// nodeFactor is how many selections, directives and values an operation may have for each of Limits.Fields.
	nodeFactor = 10
	// maxRepeated is how many bytes of aliases and values the fragments of one operation may repeat.
	maxRepeated = 1 << 20
	// stepsPerLook is after how many steps of a long check it is looked whether somebody still waits for its result.
	stepsPerLook = 1 << 12
	// minNesting is how many brackets may stand in one another at least.
	minNesting = 250
	// maxEqualNames is how many fields with one response key may stand in one selection set, fragments spread.
	maxEqualNames = 500
	// maxIntrospectionLists is how many list fields of introspection types may stand in one another; the introspection
	// query that tools send has three.
	maxIntrospectionLists = 3
	// maxErrors is how many errors of one document are reported.
	maxErrors = 100
)

// DefaultLimits returns the limits that hold when nothing is configured.
func DefaultLimits() Limits {
	return Limits{Tokens: 15000, Depth: 50, Aliases: 100, RootFields: 100, Fields: 5000}
}

// orDefault replaces what is not set.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	for _, f := range []struct {
		value *int
		def   int
	}{
		{&l.Tokens, d.Tokens}, {&l.Depth, d.Depth}, {&l.Aliases, d.Aliases}, {&l.RootFields, d.RootFields}, {&l.Fields, d.Fields},
	} {
		if *f.value <= 0 {
			*f.value = f.def
		}
	}
	return l
}

// nesting is how many brackets may stand in one another: a field of each level may stand in two inline fragments, and
// the innermost may have an argument.
func (l Limits) nesting() int { return max(minNesting, 4*l.Depth) }

// nodes is how many selections, directives and values one operation may have, totalNodes how many all of a document together.
func (l Limits) nodes() int { return nodeFactor * l.Fields }

func (l Limits) totalNodes() int { return workFactor * l.nodes() }
