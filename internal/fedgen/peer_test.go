package fedgen

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

var comparing = flag.Int("comparing", 0, "how many seconds TestQualityLong compares plans of new federations with those of another planner")

// peerInput is a supergraph with operations that the other planner is to plan.
type peerInput struct {
	Supergraph string   `json:"supergraph"`
	Operations []string `json:"operations"`
	plans      []*planner.Plan
	schema     *supergraph.Schema
	name       string
	world      *world // nil when the subgraphs are not at hand
	federation *federation
}

// keep writes a case that has a plan worse than another, if there is a folder for it.
func (in *peerInput) keep(n int, stage, text string) {
	if *failures != "" && in.federation != nil {
		keep(in.federation, &attempt{stage: stage, err: errors.New(text), request: request{in.Operations[n], "{}"}})
	}
}

type peerPlan struct {
	Fetches     []struct{ Subgraph, Document string }
	Waves       int
	Text, Error string
}

// wrong tells what is wrong with a plan: a subgraph is asked what it does not know or leaves to others. Such a plan may be
// cheaper, but it does not answer. "" when nothing is, as far as that shows without executing it.
func (p *peerPlan) wrong(w *world) string {
	for _, f := range p.Fetches {
		part := w.parts[slices.IndexFunc(w.parts, func(p *part) bool { return p.name == f.Subgraph })]
		document, errs := gqlparser.LoadQueryWithRules(part.schema, f.Document, rules.NewDefaultRules())
		if len(errs) > 0 {
			return f.Subgraph + ": " + errs.Error()
		}
		c := ownership{world: w, part: part}
		c.selections(document.Operations[0].SelectionSet, nil, false)
		if c.foreign != "" {
			return f.Subgraph + ": " + c.foreign + " is not its own"
		}
	}
	return ""
}

// ownership looks for fields that a subgraph leaves to others, or resolves only for representations with what it requires.
type ownership struct {
	world   *world
	part    *part
	foreign string
}

func (o *ownership) selections(set ast.SelectionSet, provided []ast.SelectionSet, represented bool) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.InlineFragment:
			o.selections(s.SelectionSet, provided, represented)
		case *ast.FragmentSpread:
			o.selections(s.Definition.SelectionSet, provided, represented)
		case *ast.Field:
			o.field(s, provided, represented)
		}
	}
}

func (o *ownership) field(f *ast.Field, above []ast.SelectionSet, represented bool) {
	if strings.HasPrefix(f.Name, "_") {
		o.selections(f.SelectionSet, nil, true)
		return
	}
	var below []ast.SelectionSet
	for _, typ := range o.part.types[f.ObjectDefinition.Name].possible {
		known := o.part.types[typ].fields[f.Name]
		granted, inner := provided(o.world, &partNode{object: &object{typ: typ}, provided: above}, f.Name)
		switch {
		case !known.resolves() && (!granted || known != nil && known.elsewhere):
			o.foreign = typ + "." + f.Name
		case known.resolves() && len(known.requires) > 0 && !represented && !granted:
			o.foreign = typ + "." + f.Name + ", without what it requires,"
		}
		if known != nil {
			below = append(append(below, inner...), known.provides)
		}
	}
	o.selections(f.SelectionSet, below, false)
}

// newPeerInput plans operations over a supergraph. The other planner gets them as they are when conditions hold: what
// is skipped is gone, so that no plan has conditions.
func newPeerInput(name, sdl string, documents []string) (*peerInput, error) {
	schema, err := supergraph.Parse([]byte(sdl))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	in := &peerInput{Supergraph: sdl, name: name, schema: schema}
	for _, document := range documents {
		op, err := preparer.Prepare(context.Background(), []byte(document), "")
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", name, err, document)
		}
		permitted := operation.Filter(op, op.Evaluate(make(operation.Values, len(op.Variables)), nil), operation.KeepAll)
		plan, err := planner.New(schema).Plan(context.Background(), permitted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", name, err, document)
		}
		if introspected(plan) {
			continue // the other planner leaves introspection out
		}
		in.plans = append(in.plans, plan)
		in.Operations = append(in.Operations, operationText(permitted))
	}
	return in, nil
}

func introspected(p *planner.Plan) bool {
	return slices.ContainsFunc(p.Fetches, func(f *planner.Fetch) bool { return f.Subgraph.Name == "" })
}

// operationText prints what is permitted of an operation.
func operationText(p operation.Permitted) string {
	text := p.Operation().Kind.String()
	body := selectionsText(p.Selections())
	var variables []string
	for _, v := range p.Operation().Variables {
		if strings.Contains(body, "$"+v.Name) {
			variables = append(variables, v.Definition())
		}
	}
	if len(variables) > 0 {
		text += "(" + strings.Join(variables, " ") + ")"
	}
	return text + body
}

func selectionsText(selections []operation.Selection) string {
	parts := make([]string, len(selections))
	for i, s := range selections {
		switch s := s.(type) {
		case *operation.Fragment:
			parts[i] = "...on " + s.On.Name + selectionsText(s.Sub)
		case *operation.Field:
			parts[i] = fieldText(s)
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func fieldText(f *operation.Field) string {
	text := f.Def.Name
	if string(f.Key) != text {
		text = string(f.Key) + ":" + text
	}
	var args []string
	for _, a := range f.Args {
		args = append(args, a.Name+":"+a.Value)
	}
	if len(args) > 0 {
		text += "(" + strings.Join(args, " ") + ")"
	}
	switch {
	case len(f.Sub) > 0:
		text += selectionsText(f.Sub)
	case f.Def.Type.Named.IsComposite():
		text += "{__typename}"
	}
	return text
}

// waves is the length of the longest chain of fetches.
func waves(p *planner.Plan) int {
	deepest := 0
	level := make([]int, len(p.Fetches)+1)
	for _, f := range p.Fetches {
		for _, id := range f.Needs {
			level[f.ID] = max(level[f.ID], level[id])
		}
		level[f.ID]++
		deepest = max(deepest, level[f.ID])
	}
	return deepest
}

// comparison sums up how plans compare with those of the other planner.
type comparison struct {
	operations, same, fewer, shallower, refused, wrong, excused int
	worse                                                       []string
}

func (c *comparison) String() string {
	return fmt.Sprintf("%d operations: %d alike, %d with fewer fetches, %d with fewer waves, "+
		"%d that the other does not plan, %d that it plans wrongly, %d worse for a reason, %d worse",
		c.operations, c.same, c.fewer, c.shallower, c.refused, c.wrong, c.excused, len(c.worse))
}

func (c *comparison) add(inputs []*peerInput) error {
	answers, err := askPeer(inputs)
	if err != nil {
		return err
	}
	for i, in := range inputs {
		for n, theirs := range answers[i] {
			c.compare(in, n, theirs)
		}
	}
	return nil
}

func (c *comparison) compare(in *peerInput, n int, theirs peerPlan) {
	c.operations++
	fetches, depth := len(in.plans[n].Fetches), waves(in.plans[n])
	others := len(theirs.Fetches)
	switch {
	case theirs.Error != "":
		c.refused++
	case fetches < others:
		c.fewer++
	case fetches == others && depth < theirs.Waves:
		c.shallower++
	case fetches == others && depth == theirs.Waves:
		c.same++
	case in.world != nil && theirs.wrong(in.world) != "":
		c.wrong++
	case excuse(in, n) != "":
		c.excused++
	default:
		text := fmt.Sprintf("%s: %d fetches in %d waves, the other has %d in %d\n%s\n%s\n%s\n",
			in.name, fetches, depth, others, theirs.Waves, in.Operations[n], in.plans[n], theirs.Text)
		c.worse = append(c.worse, text)
		in.keep(n, "peer", text)
	}
}

// excuse is the reason why a plan may be worse than the other planner's; "" without any.
func excuse(in *peerInput, n int) string {
	plan := in.plans[n]
	last := 0
	for i, f := range plan.Fetches {
		if f.Root != nil {
			last = i
		}
	}
	switch {
	case plan.Kind == operation.Mutation && last > 0:
		return "each mutation is complete, with all that is fetched below it, before the next begins (GraphQL 6.2.2); " +
			"the other planner sends them in one request, or fetches below one while the next is executed"
	case strings.Contains(in.Supergraph, "contextArguments: ["):
		return "the other planner does not fill arguments from contexts in this version"
	case strings.Contains(in.Supergraph, "isInterfaceObject: true") && strings.Contains(in.Supergraph, "@inaccessible"):
		return "behind an interface object the real type is asked where objects of a hidden type may stand, which are null; " +
			"the other planner does not ask"
	case membersDiffer(plan.Op.Selections()):
		return "where unions and interfaces differ by subgraph, all who resolve the field are asked, so that no object is missed; " +
			"the other planner asks one"
	}
	return ""
}

// membersDiffer tells whether a field is selected whose subgraphs know different types of objects there.
func membersDiffer(selections []operation.Selection) bool {
	return slices.ContainsFunc(selections, func(s operation.Selection) bool {
		f, isField := s.(*operation.Field)
		if !isField {
			return membersDiffer(s.(*operation.Fragment).Sub)
		}
		var first []*supergraph.Type
		for _, in := range f.Def.In {
			if in == nil || in.External || !f.Def.Type.Named.IsAbstract() {
				continue
			}
			known := in.Type.Named.In[in.Subgraph.Index]
			types := known.Possible
			if known.InterfaceObject {
				types = in.Type.Named.Possible
			}
			if first != nil && !slices.Equal(first, types) {
				return true
			}
			first = types
		}
		return membersDiffer(f.Sub)
	})
}

func needPeer(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no Node")
	}
	if _, err := os.Stat("peer/node_modules"); err != nil {
		t.Skip("peer/ is not installed (npm install there)")
	}
}

// TestPeer compares the plans of the golden cases and of the corpus with those of another planner.
func TestPeer(t *testing.T) {
	t.Parallel()
	needPeer(t)
	var c comparison
	if err := c.add(append(goldenInputs(t), fileInputs(t, "c*/*", 3)...)); err != nil {
		t.Fatal(err)
	}
	c.report(t)
}

// report fails when plans are worse than the other planner's, or hardly any could be compared.
func (c *comparison) report(t *testing.T) {
	t.Helper()
	t.Log(c)
	for _, w := range c.worse {
		t.Error(w)
	}
	if skipped := c.refused + c.wrong + c.excused; skipped*3 > c.operations || c.same == 0 {
		t.Errorf("%d of %d plans could not be compared", skipped, c.operations)
	}
}

// fileInputs are the federations of some files, with their own operations and n random ones.
func fileInputs(t *testing.T, pattern string, n int) []*peerInput {
	t.Helper()
	var inputs []*peerInput
	for _, f := range readAll(t, pattern) {
		in, err := randomInput(f, n)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, in)
	}
	return inputs
}

// randomInput is a federation with its own operations and n random ones.
func randomInput(f *federation, n int) (*peerInput, error) {
	schema, err := supergraph.Parse([]byte(f.supergraph))
	if err != nil {
		return nil, err
	}
	var documents []string
	for _, o := range f.operations {
		documents = append(documents, o.document)
	}
	random := opgen.New(schema, f.seed, opgen.Options{Depth: 5, Fields: 30, Mutations: 10, Nulls: true})
	for range n {
		document, _ := random.Next()
		documents = append(documents, document)
	}
	in, err := newPeerInput(f.name, f.supergraph, documents)
	if err != nil {
		return nil, err
	}
	in.federation = f
	in.world, err = newWorld(f.seed, f.subgraphs, worldOptions{})
	return in, err
}

func goldenInputs(t *testing.T) []*peerInput {
	t.Helper()
	files, err := filepath.Glob("../../planner/testdata/*/supergraph.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	var inputs []*peerInput
	for _, file := range files {
		sdl, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		queries, err := filepath.Glob(filepath.Dir(file) + "/*.graphql")
		if err != nil {
			t.Fatal(err)
		}
		var documents []string
		for _, query := range queries {
			if query == file || strings.HasSuffix(query, ".subgraph.graphql") || isRefused(t, query) {
				continue
			}
			document, err := os.ReadFile(query)
			if err != nil {
				t.Fatal(err)
			}
			documents = append(documents, string(document))
		}
		in, err := newPeerInput(filepath.Base(filepath.Dir(file)), string(sdl), documents)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, in)
	}
	return inputs
}

// isRefused tells whether a golden file says that a query has no plan.
func isRefused(t *testing.T, query string) bool {
	t.Helper()
	plan, err := os.ReadFile(strings.TrimSuffix(query, ".graphql") + ".plan")
	if err != nil {
		t.Fatal(err)
	}
	return strings.HasPrefix(string(plan), "error: ")
}

// TestQualityLong holds the plans of new federations against the exhaustive search and against those of another planner.
// "make plan-quality" calls it.
func TestQualityLong(t *testing.T) {
	if *comparing == 0 {
		t.Skip("-comparing says how long")
	}
	needPeer(t)
	var c comparison
	var q quality
	federations, n := 0, 20
	if *operations > 0 {
		n = *operations
	}
	end := time.Now().Add(time.Duration(*comparing) * time.Second)
	for seed := *first; time.Now().Before(end); seed += 50 {
		composed, _, err := compose(seeds(seed, 50))
		if err != nil {
			t.Fatal(err)
		}
		var inputs []*peerInput
		for _, f := range composed {
			in, err := randomInput(f, n)
			if err != nil {
				t.Fatal(err)
			}
			inputs = append(inputs, in)
		}
		if err := c.add(inputs); err != nil {
			t.Fatal(err)
		}
		q.addAll(inputs)
		federations += len(inputs)
	}
	t.Log(federations, "federations")
	c.report(t)
	q.report(t, most)
}
