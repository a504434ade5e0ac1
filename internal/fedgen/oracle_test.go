package fedgen

import (
	"encoding/json"
	"slices"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

func (o *object) Typename() string { return o.typ }

// answer is what the oracle says of a request.
type answer struct {
	verdict

	data   any
	errors []reference.Fault
	// beside are the paths of objects at or below which there may be errors about what the client did not select.
	beside [][]any
	// spoilt: something fails that the root has for a context, wherever below it that is.
	spoilt bool
	// roots are the names of the root fields, in the order in which they were executed.
	roots []string
}

// oracle executes a request on the uncut schema, as the caller may see it if there is a judge.
func (w *world) oracle(r request, j *judge) (*answer, error) {
	doc, errs := gqlparser.LoadQueryWithRules(w.public, r.document, rules.NewDefaultRules())
	if len(errs) > 0 {
		return nil, errs
	}
	var given map[string]any
	if err := json.Unmarshal([]byte(r.variables), &given); err != nil {
		return nil, err
	}
	op, a := doc.Operations[0], &answer{}
	e := &reference.Execution{Schema: w.public, Variables: reference.VariableValues(w.public, op, given)}
	if j != nil {
		e.Guard = j
	}
	root := w.root(rootName(op))
	w.expectNothing()
	e.Resolve = func(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
		at := parent.(*placed)
		o := at.object
		if o.id == root.id {
			a.roots = append(a.roots, f.Name)
		}
		wf := w.types[o.typ].fields[f.Name]
		w.addHidden(wf, args)
		w.noteHidden(o, wf)
		if len(f.SelectionSet) > 0 {
			w.noteSupers(wf.typ.Name(), f.SelectionSet)
		}
		before := w.failed.Load()
		w.fillContexts(at, wf, args)
		w.expectOthers(wf)
		if w.spoilsContext(o) {
			a.spoilt = a.spoilt || o.id == root.id
			a.beside = append(a.beside, e.At[:len(e.At)-1])
		}
		v, err := w.get(o, wf, args)
		if w.failed.Load() > before || w.isUnknown(o, wf.owners) {
			a.beside = append(a.beside, e.At[:len(e.At)-1])
		}
		return withNodes(v, e.At, func(o *object, path []any) reference.Node {
			if w.isHidden(o.typ) {
				w.note("@inaccessible: run-time type")
				// What fails of it for a subgraph that does not know its type may be what the client wants of other types.
				a.beside = append(a.beside, path)
			}
			return &placed{o, at}
		}), err
	}
	a.data, a.errors = e.Run(op, &placed{root, nil}), e.Faults
	if j != nil {
		j.judge(op, e, a)
	}
	return a, nil
}

// addHidden adds the defaults of arguments that clients do not see.
func (w *world) addHidden(f *worldField, args map[string]any) {
	for _, a := range f.def.Arguments {
		if w.isHidden(f.coordinate+"."+a.Name) && a.DefaultValue != nil {
			args[a.Name] = reference.CoerceLiteral(w.schema, a.Type, a.DefaultValue, nil)
		}
	}
}

func rootName(op *ast.OperationDefinition) string {
	if op.Operation == ast.Mutation {
		return "Mutation"
	}
	return "Query"
}

// withNodes makes nodes of the objects in a value, each with its path.
func withNodes(v any, path []any, toNode func(o *object, path []any) reference.Node) any {
	switch v := v.(type) {
	case *object:
		if n := toNode(v, path); n != nil {
			return n
		}
		return nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = withNodes(v[i], append(slices.Clip(path), i), toNode)
		}
		return list
	default:
		return v
	}
}
