package fedgen

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// servers are the subgraphs of a world, one for each path ("/alpha").
type servers struct {
	world *world
	// judge, if any, looks at what is asked for.
	judge *judge

	mu         sync.Mutex
	violations []string // what the gateway must not do
	requests   []received
	roots      []string // root fields of mutations, in the order in which they were executed
}

// drain returns and forgets what was noted since the last call.
func (s *servers) drain() (violations []string, requests []received, roots []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	violations, requests, roots = s.violations, s.requests, s.roots
	s.violations, s.requests, s.roots = nil, nil, nil
	return violations, requests, roots
}

// violate notes what the gateway did wrong.
func (s *servers) violate(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// refuse does so, too, and returns it as an error.
func (s *servers) refuse(format string, args ...any) error {
	s.violate(format, args...)
	return fmt.Errorf(format, args...)
}

func (s *servers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	i := slices.IndexFunc(s.world.parts, func(p *part) bool { return p.name == name })
	var body struct {
		Query     string
		Variables map[string]any
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || i < 0 {
		http.Error(w, fmt.Sprint(name, err), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, received{name, body.Query, canonical(body.Variables)})
	s.mu.Unlock()
	data, faults := s.execute(s.world.parts[i], body.Query, body.Variables)
	w.Header().Set("Content-Type", "application/json")
	response := map[string]any{"data": data}
	var list []any
	for _, f := range faults {
		list = append(list, map[string]any{"message": f.Message, "path": f.Path})
	}
	if list != nil {
		response["errors"] = list
	}
	if err := json.NewEncoder(w).Encode(response); err != nil {
		s.violate("%s: %v", name, err)
	}
}

// call is the execution of one request.
type call struct {
	*servers
	part *part
	// asked counts representations.
	asked int
	// faults are errors about entities.
	faults []reference.Fault
}

func (s *servers) execute(p *part, document string, variables map[string]any) (any, []reference.Fault) {
	doc, errs := gqlparser.LoadQueryWithRules(p.valid, document, rules.NewDefaultRules())
	if len(errs) > 0 {
		return nil, []reference.Fault{{Message: s.refuse("%s: invalid: %v", p.name, errs).Error()}}
	}
	if len(doc.Operations) != 1 {
		return nil, []reference.Fault{{Message: s.refuse("%s: %d operations", p.name, len(doc.Operations)).Error()}}
	}
	if s.judge != nil {
		s.judge.inspect(p, doc, s.violate)
	}
	op := doc.Operations[0]
	for name := range variables {
		if op.VariableDefinitions.ForName(name) == nil {
			s.violate("%s: the variable %q is not defined", p.name, name)
		}
	}
	c := &call{servers: s, part: p}
	e := &reference.Execution{Schema: p.schema, Variables: reference.VariableValues(p.schema, op, variables), Resolve: c.resolve}
	root := s.world.root(rootName(op))
	s.world.bring(root)
	data := e.Run(op, &partNode{object: root, as: rootName(op)})
	if c.asked == 0 && op.SelectionSet[0].(*ast.Field).Name == "_entities" {
		s.violate("%s: a request without any representation", p.name)
	}
	return data, append(e.Faults, c.faults...)
}

// partNode is an object in the execution of a subgraph.
type partNode struct {
	object *object
	// as is the type by which the subgraph knows the object: its own, or an interface that is an object there.
	as string
	// provided is what an ancestor's @provides lets the subgraph resolve here.
	provided []ast.SelectionSet
	// representation by which the object was asked for, nil when it was not.
	representation map[string]any
}

func (n *partNode) Typename() string { return n.as }

func (c *call) resolve(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
	n := parent.(*partNode)
	switch f.Name {
	case "_entities":
		return c.entities(f, args["representations"].([]any))
	case "_service":
		return nil, c.refuse("%s: asked for _service", c.part.name)
	}
	if n.object.typ == "Mutation" {
		c.mu.Lock()
		c.roots = append(c.roots, f.Name)
		c.mu.Unlock()
	}
	t := c.part.types[n.as]
	if t == nil || t.fields[f.Name] == nil {
		return nil, c.refuse("%s: %s.%s is not known", c.part.name, n.as, f.Name)
	}
	if c.judge != nil {
		c.judge.inspectEntity(c.part, n, f.Name, c.violate)
	}
	pf := t.fields[f.Name]
	granted, below := provided(c.world, n, f.Name)
	granted = granted && !pf.elsewhere
	if !pf.resolves() && !granted {
		return nil, c.refuse("%s: %s.%s is not its own", c.part.name, n.as, f.Name)
	}
	wf := c.world.types[n.object.typ].fields[f.Name]
	args, err := c.given(f, wf, args)
	if err != nil {
		return nil, err
	}
	if err := c.contextual(n, pf, wf, args); err != nil {
		return nil, err
	}
	required, err := c.required(n, f.Name, pf, granted)
	if err != nil {
		return nil, err
	}
	below = append(below, pf.provides)
	c.noteField(n, pf, wf, granted)
	if c.world.fails(n.object, wf) {
		return nil, errResolver
	}
	v := c.world.resolve(n.object, wf, args, required)
	return withNodes(v, nil, func(o *object, _ []any) reference.Node {
		c.world.bring(o)
		return &partNode{object: o, as: c.as(o, pf), provided: below}
	}), nil
}

// as is the type by which the subgraph knows an object that a field returns.
func (c *call) as(o *object, pf *partField) string {
	if name := pf.def.Type.Name(); c.part.types[name].opaque {
		return name
	}
	return o.typ
}

// provided tells whether a field is granted by a @provides, and what is granted below it.
func provided(w *world, n *partNode, name string) (granted bool, below []ast.SelectionSet) {
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if s.Name == name {
					granted = true
					below = append(below, s.SelectionSet)
				}
			case *ast.InlineFragment:
				if w.is(n.object.typ, s.TypeCondition) {
					walk(s.SelectionSet)
				}
			}
		}
	}
	for _, set := range n.provided {
		walk(set)
	}
	return granted, below
}
