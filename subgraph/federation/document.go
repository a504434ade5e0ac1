package federation

import "slices"

// deepest is how many selection sets of a document may stand in one another; one that is nested deeper is not read.
const deepest = 200

// document is what the rewriter needs to know of a GraphQL document.
type document struct {
	operations []*definition
	fragments  map[string]*definition
}

// definition is an operation or a fragment.
type definition struct {
	// keyword is the kind of an operation, condition the type of a fragment.
	keyword, name, condition string
	// variables are the definitions of an operation's variables, directives the text of its directives.
	variables  []variable
	directives clause
	selections []*selection
}

// variable is the definition of one variable.
type variable struct{ name, text string }

// clause is a piece of a document and the variables that it uses.
type clause struct {
	text string
	uses []string
}

// selection is a field, an inline fragment (condition is "" without one) or the spread of a named one.
type selection struct {
	kind            selectionKind
	name, condition string
	// clause is a field up to its selections, or the directives of a fragment.
	clause     clause
	nested     bool
	selections []*selection
}

type selectionKind uint8

const (
	field selectionKind = iota
	inline
	spread
)

// reader reads the tokens of a document. After a syntax error it makes no sense of the rest, but ends.
type reader struct {
	text   string
	tokens []token
	at     int
	depth  int
	failed bool
}

// readDocument reads a document, as far as it is one of operations and fragments.
func readDocument(text string) (*document, bool) {
	r := &reader{text: text, tokens: scan(text)}
	d := &document{fragments: map[string]*definition{}}
	for r.at < len(r.tokens) && !r.failed {
		switch r.peek() {
		case "fragment":
			f := r.fragment()
			d.fragments[f.name] = f
		case "{", "query", "mutation", "subscription":
			d.operations = append(d.operations, r.operation())
		default:
			r.failed = true
		}
	}
	return d, !r.failed
}

func (r *reader) operation() *definition {
	d := &definition{keyword: "query"}
	if r.peek() != "{" {
		d.keyword = r.next()
		if next := r.peek(); next != "{" && next != "(" && next != "@" {
			d.name = r.next()
		}
		if r.peek() == "(" {
			d.variables = r.variables()
		}
		d.directives = r.directives()
	}
	d.selections = r.set()
	return d
}

func (r *reader) fragment() *definition {
	r.expect("fragment")
	d := &definition{name: r.next()}
	r.expect("on")
	d.condition = r.next()
	r.directives()
	d.selections = r.set()
	return d
}

// variables reads definitions of variables: each begins with a dollar sign, which stands nowhere else in them.
func (r *reader) variables() []variable {
	r.expect("(")
	var list []variable
	for !r.failed && r.peek() != ")" {
		start := r.at
		r.expect("$")
		name := r.next()
		for !r.failed && r.peek() != "$" && r.peek() != ")" {
			if r.peek() == "(" {
				r.arguments()
			} else {
				r.next()
			}
		}
		list = append(list, variable{name, r.clause(start).text})
	}
	r.expect(")")
	return list
}

func (r *reader) set() []*selection {
	r.depth++
	defer func() { r.depth-- }()
	r.failed = r.failed || r.depth > deepest
	r.expect("{")
	var list []*selection
	for r.peek() != "}" && !r.failed {
		list = append(list, r.selection())
	}
	r.expect("}")
	return list
}

func (r *reader) selection() *selection {
	if r.peek() == "..." {
		return r.fragmentSelection()
	}
	s, start := &selection{kind: field}, r.at
	s.name = r.next()
	if r.peek() == ":" {
		r.next()
		s.name = r.next()
	}
	r.arguments()
	r.directives()
	s.clause = r.clause(start)
	if r.peek() == "{" {
		s.nested = true
		s.selections = r.set()
	}
	return s
}

// fragmentSelection reads an inline fragment or a spread.
func (r *reader) fragmentSelection() *selection {
	r.expect("...")
	s := &selection{kind: inline, nested: true}
	switch r.peek() {
	case "on":
		r.next()
		s.condition = r.next()
	case "@", "{":
	default:
		s.kind, s.nested, s.name = spread, false, r.next()
	}
	s.clause = r.directives()
	if s.nested {
		s.selections = r.set()
	}
	return s
}

func (r *reader) peek() string {
	if r.at < len(r.tokens) {
		return r.tokens[r.at].text
	}
	r.failed = true
	return ""
}

func (r *reader) next() string {
	text := r.peek()
	r.at++
	return text
}

func (r *reader) expect(text string) {
	if r.next() != text {
		r.failed = true
	}
}

// clause returns the text from a token up to the current one.
func (r *reader) clause(start int) clause {
	if r.failed || start >= r.at {
		return clause{}
	}
	c := clause{text: r.text[r.tokens[start].start : r.tokens[r.at-1].start+len(r.tokens[r.at-1].text)]}
	for i := start; i+1 < r.at; i++ {
		if r.tokens[i].text == "$" && !slices.Contains(c.uses, r.tokens[i+1].text) {
			c.uses = append(c.uses, r.tokens[i+1].text)
		}
	}
	return c
}

func (r *reader) directives() clause {
	start := r.at
	for !r.failed && r.peek() == "@" {
		r.next()
		r.next()
		r.arguments()
	}
	return r.clause(start)
}

// arguments skips what stands in parentheses, if something does.
func (r *reader) arguments() {
	if r.peek() != "(" {
		return
	}
	for depth := 0; !r.failed; {
		switch r.next() {
		case "(":
			depth++
		case ")":
			depth--
			if depth == 0 {
				return
			}
		}
	}
}
