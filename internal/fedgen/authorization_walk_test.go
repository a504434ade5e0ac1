package fedgen

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// verdict is what the oracle says of a request.
type verdict struct {
	data   any
	faults []reference.Fault
	// denied are the paths of denied fields, with a "*" where a list is on the way.
	denied map[string]bool
	// roots are the root fields of a mutation that are executed. idle: there is nothing to ask a subgraph for.
	roots []string
	idle  bool
	// mixed and moved are those of the execution.
	mixed, moved int
}

// oracle executes a request on the uncut schema as the caller may see it.
func (j *judge) oracle(r request) (*verdict, error) {
	w := j.world
	doc, errs := gqlparser.LoadQueryWithRules(w.public, r.document, rules.NewDefaultRules())
	if len(errs) > 0 {
		return nil, errs
	}
	var given map[string]any
	if err := json.Unmarshal([]byte(r.variables), &given); err != nil {
		return nil, err
	}
	op := doc.Operations[0]
	w.expectNothing()
	e := &guardedExecution{&reference.Execution{Schema: w.public, Variables: reference.VariableValues(w.public, op, given), Guard: j}}
	e.Resolve = func(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
		at := parent.(*placed)
		o := at.object
		wf := w.types[o.typ].fields[f.Name]
		w.addHidden(wf, args)
		w.fillContexts(at, wf, args)
		return withNodes(w.resolve(o, wf, args, w.required(o, wf)), func(o *object) reference.Node { return &placed{o, at} }), nil
	}
	root := rootName(op)
	top := []reference.Place{{Set: op.SelectionSet, On: root}}
	v := &verdict{data: e.Run(op, &placed{w.root(root), nil}), denied: map[string]bool{}}
	v.faults, v.mixed, v.moved = e.Faults, e.Mixed, e.Moved
	for _, g := range e.Groups(root, top) {
		name := g.Nodes[0].Name
		if name != "__typename" && !e.nothing(w.schema.Types[root].Fields.ForName(name).Type, g) {
			v.roots = append(v.roots, name)
		}
	}
	v.idle = len(v.roots) == 0 || root == "Query" && e.doomed(root, top)
	walk := &deniedWalk{j, &reference.Execution{Schema: w.schema, Variables: e.Variables}, v.denied}
	walk.set(op.SelectionSet, root, []string{root}, "", "")
	return v, nil
}

// guardedExecution knows, too, what denial does whatever the data is.
type guardedExecution struct{ *reference.Execution }

// doomed tells whether denial makes every object of a type null.
func (e *guardedExecution) doomed(typename string, places []reference.Place) bool {
	for _, g := range e.Groups(typename, places) {
		if g.Nodes[0].Name == "__typename" {
			continue
		}
		if t := e.Schema.Types[typename].Fields.ForName(g.Nodes[0].Name).Type; t.NonNull && e.nothing(t, g) {
			return true
		}
	}
	return false
}

// nothing tells whether denial makes a field null. A list shows at least its length.
func (e *guardedExecution) nothing(t *ast.Type, g *reference.Group) bool {
	nodes := e.Allowed(g)
	if len(nodes) == 0 {
		return true
	}
	possible := e.Schema.GetPossibleTypes(e.Schema.Types[t.Name()])
	if t.Elem != nil || len(possible) == 0 {
		return false
	}
	for _, p := range possible {
		if !e.doomed(p.Name, e.Below(nodes)) {
			return false
		}
	}
	return true
}

// deniedWalk finds the denied fields of an operation. It looks at no data.
type deniedWalk struct {
	*judge

	execution *reference.Execution // for @skip and @include
	denied    map[string]bool
}

// set walks over a selection set of the static type on, where objects of the possible types stand.
func (w *deniedWalk) set(set ast.SelectionSet, on string, possible []string, path, listed string) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if w.execution.Included(s.Directives) && s.Name != "__typename" {
				w.field(s, on, strings.TrimPrefix(path+"."+s.Alias, "."), listed)
			}
		case *ast.InlineFragment:
			if w.execution.Included(s.Directives) {
				w.fragment(s.SelectionSet, on, s.TypeCondition, possible, path, listed)
			}
		case *ast.FragmentSpread:
			if w.execution.Included(s.Directives) {
				w.fragment(s.Definition.SelectionSet, on, s.Definition.TypeCondition, possible, path, listed)
			}
		}
	}
}

// fragment walks on where some object can satisfy the condition.
func (w *deniedWalk) fragment(set ast.SelectionSet, on, condition string, possible []string, path, listed string) {
	left := slices.DeleteFunc(slices.Clone(possible), func(t string) bool { return !w.execution.Applies(t, condition) })
	if len(left) > 0 {
		w.set(set, w.Narrower(on, condition), left, path, listed)
	}
}

func (w *deniedWalk) field(s *ast.Field, on, path, listed string) {
	if !w.Allowed(on, s.Name) {
		w.denied[path+listed] = true
		return
	}
	t := w.world.schema.Types[on].Fields.ForName(s.Name).Type
	if t.Elem != nil {
		listed = "*"
	}
	var possible []string
	for _, p := range w.world.schema.GetPossibleTypes(w.world.schema.Types[t.Name()]) {
		possible = append(possible, p.Name)
	}
	w.set(s.SelectionSet, t.Name(), possible, path, listed)
}
