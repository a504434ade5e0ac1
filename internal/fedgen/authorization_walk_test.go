package fedgen

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// verdict is what the oracle says of a request for a caller who may not see everything.
type verdict struct {
	// denied are the paths of denied fields, with a "*" at the end where a list is on the way.
	denied map[string]bool
	// idle: there is nothing to ask a subgraph for.
	idle bool
	// mixed counts response keys that answer although a node of theirs is denied. moved are the paths of denied fields that
	// must not be null, so that something above them is.
	mixed int
	moved [][]any
}

// judge adds the verdict to an answer. Root fields of which nothing is left are not executed.
func (j *judge) judge(op *ast.OperationDefinition, execution *reference.Execution, a *answer) {
	w, e, root := j.world, execution, rootName(op)
	top := []reference.Place{{Set: op.SelectionSet, On: root}}
	a.roots, a.denied, a.mixed, a.moved = nil, map[string]bool{}, e.Mixed, e.Moved
	for _, g := range e.Groups(root, top) {
		name := g.Nodes[0].Name
		if name != "__typename" && !e.Nothing(w.schema.Types[root].Fields.ForName(name).Type, g) {
			a.roots = append(a.roots, name)
		}
	}
	a.idle = len(a.roots) == 0 || root == "Query" && e.Doomed(root, top)
	walk := &deniedWalk{j, &reference.Execution{Schema: w.schema, Variables: e.Variables}, a.denied}
	walk.set(op.SelectionSet, root, []string{root}, "", "")
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
	// Below, fragments apply as where the field was selected, even if objects of the type that is known here have fewer types there:
	// the document is valid for the others, and names what this caller may not see.
	var possible []string
	for _, p := range w.world.schema.GetPossibleTypes(w.world.schema.Types[s.Definition.Type.Name()]) {
		possible = append(possible, p.Name)
	}
	w.set(s.SelectionSet, t.Name(), possible, path, listed)
}
