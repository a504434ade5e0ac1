package supergraph

import (
	"crypto/sha256"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
)

// Parse reads a supergraph: SDL that composition made, with directives of join v0.2 to v0.5 that are linked by @link
// (https://specs.apollo.dev/link/v1.0). Renamed and imported directives are honoured. The error is LoadErrors: all
// problems that could be found at once. A feature that must be understood and is not, and a directive that looks like
// protection and is not explained, are errors. Parse never panics and does not keep sdl.
func Parse(sdl []byte) (*Schema, error) {
	l, err := open(sdl)
	if err != nil {
		return nil, err
	}
	for _, pass := range passes {
		if pass(l); len(l.problems.list) > 0 {
			return nil, l.problems.err()
		}
	}
	return l.schema, nil
}

// passes fill the schema. Each relies on those before it, so loading ends with the first that finds problems.
var passes = []func(*loader){
	(*loader).graphs,        // Schema.Subgraphs, from join's enum
	(*loader).declare,       // Schema.Types with names and kinds, so that everything can point to them
	(*loader).define,        // fields, arguments, values; deprecated, inaccessible; rules
	(*loader).directives,    // Schema.Directives
	(*loader).roots,         // Query, Mutation, Subscription and their meta fields
	(*loader).joinTypes,     // Type.In
	(*loader).joinHierarchy, // Interfaces, Possible; both also in TypeIn
	(*loader).joinFields,    // Field.In
	(*loader).override,      // who lost which field
	(*loader).fieldSets,     // keys, requires, provides: they need Field.In
	(*loader).externals,     // what is external although, or not external since: it needs the field sets
	(*loader).checkRules,    // no protection in a place where it would do nothing
	(*loader).checkAPI,      // what clients see is consistent
	(*loader).printAPI,      // Schema.API
}

// loader is the state of one Parse.
type loader struct {
	doc      *document
	links    *links
	problems *problems
	schema   *Schema
	// graph finds subgraphs by enum value.
	graph map[string]*Subgraph
	// decls are the definitions of the types, in the order of the text.
	decls []*decl
	// visible are the definitions of the directives that clients see.
	visible []directiveDecl
	// protected are the references of directives about security that were put into the schema.
	protected map[int]bool
	parser    fieldSetParser
	ins       []*FieldIn // what is left of a slab for Field.In
	// Slices that all elements without a subgraph share.
	noFieldIn []*FieldIn
	noTypeIn  []*TypeIn
}

// decl is a type with its definition.
type decl struct {
	*Type

	at         uint32
	directives directives
	implements []int // references of named types
	members    []int // likewise
	fields     []fieldDecl
	values     []int
	inputs     []int
}

// fieldDecl is a field with its definition.
type fieldDecl struct {
	*Field

	def        int // reference of its definition
	directives directives
}

// open parses the text, behind the definitions that every graph has, and reads its links.
func open(sdl []byte) (*loader, error) {
	text, err := clean(sdl)
	if err != nil {
		return nil, err
	}
	src := &source{text: prelude + string(text), first: uint32(len(prelude))}
	p := &problems{src: src}
	var at int
	if src.blocks, at, err = scan(src.text); err != nil {
		p.add(uint32(at), "", "%s", err)
		return nil, p.err()
	}
	doc, place, message := parseDocument(src)
	if doc == nil {
		p.add(place, "", "%s", message)
		return nil, p.err()
	}
	l := &loader{doc: doc, problems: p, links: newLinks(doc, p), protected: map[int]bool{}, graph: map[string]*Subgraph{}}
	l.schema = &Schema{Hash: sha256.Sum256(sdl), byName: map[string]*Type{}}
	return l, p.err()
}

// graphs reads the subgraphs from the enum of join.
func (l *loader) graphs() {
	names := map[SubgraphName]bool{}
	for _, e := range l.doc.EnumTypeDefinitions {
		if !l.links.graphEnum(l.doc.str(e.Name)) {
			continue
		}
		for _, ref := range e.EnumValuesDefinition.Refs {
			v := l.doc.EnumValueDefinitions[ref]
			value := l.doc.str(v.EnumValue)
			d, ok := l.applied(v.Directives).first(element{"join", "graph"})
			name, named := d.text("name")
			if !ok || !named || name == "" || names[SubgraphName(name)] || l.graph[value] != nil {
				l.problems.add(v.EnumValue.Start, "", "%s is not a subgraph with a name of its own", value)
				continue
			}
			url, _ := d.text("url")
			g := &Subgraph{Index: len(l.schema.Subgraphs), Name: SubgraphName(name), Enum: value, URL: url}
			l.schema.Subgraphs = append(l.schema.Subgraphs, g)
			l.graph[value] = g
			names[g.Name] = true
		}
	}
	if len(l.schema.Subgraphs) == 0 {
		l.problems.add(noPlace, "", "not a supergraph: it names no subgraphs (enum join__Graph)")
	}
	n := len(l.schema.Subgraphs)
	l.schema.Introspection = &Subgraph{Index: n, Name: "introspection"}
	l.noFieldIn, l.noTypeIn = make([]*FieldIn, n+1), make([]*TypeIn, n+1)
}

// applied returns the directives of a list.
func (l *loader) applied(list ast.DirectiveList) directives {
	return directives{l.doc, l.links, list.Refs}
}

// subgraph returns the subgraph that the argument graph names, nil if there is no such argument. A wrong one is a
// problem, and nil.
func (l *loader) subgraph(d directive, coor Coordinate) *Subgraph {
	v, ok := d.arg("graph")
	if !ok {
		return nil
	}
	name := l.doc.enumValue(v)
	g := l.graph[name]
	if g == nil {
		l.problems.add(d.at(), coor, "@%s: there is no subgraph %s", d.name(), l.doc.appendValue(nil, v))
	}
	return g
}

// newFieldIns returns a slice for Field.In. Slices are cut from slabs: a large graph has a hundred thousand.
func (l *loader) newFieldIns() []*FieldIn {
	n := len(l.schema.Subgraphs) + 1
	if len(l.ins) < n {
		l.ins = make([]*FieldIn, 256*n)
	}
	ins := l.ins[:n:n]
	l.ins = l.ins[n:]
	return ins
}

// roots finds the root operation types and gives the query type its meta fields.
func (l *loader) roots() {
	names := map[ast.OperationType]string{}
	read := func(list ast.RootOperationTypeDefinitionList) {
		for _, ref := range list.Refs {
			r := l.doc.RootOperationTypeDefinitions[ref]
			if _, twice := names[r.OperationType]; twice {
				l.problems.add(r.NamedType.Name.Start, "", "this root operation is given twice")
			}
			names[r.OperationType] = l.doc.str(r.NamedType.Name)
		}
	}
	for _, s := range l.doc.SchemaDefinitions {
		read(s.RootOperationTypeDefinitions)
		l.schema.Description = l.doc.description(s.Description)
	}
	for _, s := range l.doc.SchemaExtensions {
		read(s.SchemaDefinition.RootOperationTypeDefinitions)
	}
	explicit := len(names) > 0
	for operation, usual := range usualRoots {
		name := names[operation]
		if !explicit {
			name = usual
		}
		if explicit && name != "" && l.schema.byName[name] == nil {
			l.problems.add(noPlace, Coordinate(name), "this root operation type does not exist")
		}
		names[operation] = name
	}
	l.schema.Query = l.root(names[ast.OperationTypeQuery])
	l.schema.Mutation = l.root(names[ast.OperationTypeMutation])
	l.schema.Subscription = l.root(names[ast.OperationTypeSubscription])
	if q, m, s := l.schema.Query, l.schema.Mutation, l.schema.Subscription; q != nil && (q == m || q == s) || m != nil && m == s {
		l.problems.add(noPlace, "", "the root operation types must be different types")
	}
	if l.schema.Query == nil {
		l.problems.add(noPlace, "", "the schema has no query type")
	}
	if len(l.problems.list) == 0 {
		l.metaFields()
	}
}

// usualRoots are the names of the root operation types where no schema definition gives others (section 3.3.1).
var usualRoots = map[ast.OperationType]string{
	ast.OperationTypeQuery: "Query", ast.OperationTypeMutation: "Mutation", ast.OperationTypeSubscription: "Subscription",
}

// root returns the root operation type of that name, nil when there is none.
func (l *loader) root(name string) *Type {
	t := l.schema.byName[name]
	if t != nil && (t.Kind != Object || t.Introspection) {
		l.problems.add(noPlace, Coordinate(name), "a root operation type must be an object type")
	}
	return t
}
