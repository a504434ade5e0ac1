package executor_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

var hostileRounds = flag.Int("hostile.rounds", 3, "how often TestHostileSubgraphs runs each query of the planner's cases")

// leak is in what nobody has asked for.
const leak = "LEAKED"

// TestHostileSubgraphs runs the queries of the planner's cases over subgraphs that answer with something else than they should:
// the client gets what it has selected, of types that may be there, or null, and nothing that a subgraph adds. In every other round
// fields of one name are denied: of these it gets null, although the plan may need them.
func TestHostileSubgraphs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(casesFolder + "/*/supergraph.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		queries := queriesOf(t, dir)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			g := loadFederation(t, dir)
			for _, query := range queries {
				for seed := range *hostileRounds {
					g.attack(t, query, uint64(seed))
				}
			}
		})
	}
}

// attack runs a query over hostile subgraphs, and does nothing for one that is refused.
func (g *federation) attack(t *testing.T, file string, seed uint64) {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	variables, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".variables.json")
	if err != nil {
		variables = []byte("{}")
	}
	ctx := context.Background()
	op, err := g.preparer.Prepare(ctx, document, "")
	if err != nil {
		return
	}
	values, err := op.Coerce(variables)
	if err != nil {
		return
	}
	labels := labelsOf(document)
	random := rand.New(rand.NewPCG(seed, uint64(len(document))))
	denied, keep := "", operation.KeepAll
	if names := leafNames(nil, op.Sub); seed%2 == 1 && len(names) > 0 {
		denied = names[random.IntN(len(names))]
		keep = func(f *operation.Field) bool { return f.Def.Name != denied }
	}
	permitted := operation.Filter(op, op.Evaluate(values, func(l string) bool { return slices.Contains(labels, l) }), keep)
	plan, err := g.planner.Plan(ctx, permitted)
	if err != nil {
		return
	}
	h := &hostile{
		servers: &servers{world: g.world, labels: labels}, random: random, types: typeNames(g.schema),
		planted: plantedKeys(denied, op.Sub, permitted.Selections()),
	}
	e := executor.New(g.schema, h, executor.Options{})
	program, err := e.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	result := e.Execute(ctx, program, &executor.Request{Values: values, Origin: &upstream.Origin{}})
	defer result.Release()
	text := result.AppendJSON(nil)
	var response struct{ Data any }
	if err := json.Unmarshal(text, &response); err != nil {
		t.Fatalf("%s, seed %d: %v\n%s", file, seed, err, text)
	}
	if problem := conforms(response.Data, op.Type, permitted.Response()); problem != "" {
		t.Errorf("%s, seed %d: %s\nanswers: %s\nresponse: %s", file, seed, problem, h.said, text)
	}
}

// leafNames adds the names of the leaves of selections.
func leafNames(names []string, sub []operation.Selection) []string {
	for _, s := range sub {
		switch s := s.(type) {
		case *operation.Field:
			if len(s.Sub) == 0 && !s.Def.IsTypename() {
				names = append(names, s.Def.Name)
			}
			names = leafNames(names, s.Sub)
		case *operation.Fragment:
			names = leafNames(names, s.Sub)
		}
	}
	return names
}

// plantedKeys are the response keys of denied fields, unless permitted ones have them, too.
func plantedKeys(denied string, all, permitted []operation.Selection) []string {
	var keys []string
	taken := allFields(permitted)
	for key, fields := range allFields(all) {
		isDenied := func(f *operation.Field) bool { return f.Def.Name == denied }
		if taken[key] == nil && slices.ContainsFunc(fields, isDenied) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// allFields are the fields of selections and of all below them, by response key.
func allFields(sub []operation.Selection) map[string][]*operation.Field {
	fields := map[string][]*operation.Field{}
	var walk func(sub []operation.Selection)
	walk = func(sub []operation.Selection) {
		for _, s := range sub {
			switch s := s.(type) {
			case *operation.Field:
				fields[string(s.Key)] = append(fields[string(s.Key)], s)
				walk(s.Sub)
			case *operation.Fragment:
				walk(s.Sub)
			}
		}
	}
	walk(sub)
	return fields
}

func typeNames(s *supergraph.Schema) []string {
	names := []string{"Nobody", "__Type"}
	for _, t := range s.Types {
		if t.Kind == supergraph.Object || t.Kind == supergraph.Interface {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}

// hostile are the subgraphs of a case, whose answers are changed.
type hostile struct {
	*servers
	types []string
	// planted are members with which all objects are told what must not reach the client.
	planted []string

	mu     sync.Mutex
	random *rand.Rand
	said   []string
}

// Do implements upstream.Doer.
func (h *hostile) Do(ctx context.Context, r *upstream.Request) (*upstream.Response, error) {
	answer, err := h.servers.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	var body any
	if err := json.Unmarshal(answer.Body, &body); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	text := h.write(nil, body, "", 0)
	h.said = append(h.said, fmt.Sprintf("%s: %s", r.Subgraph.Name, text))
	return &upstream.Response{Status: 200, Body: text, Release: func() {}}, nil
}

// write writes a value, or one that should not be in its place.
func (h *hostile) write(dst []byte, v any, key string, depth int) []byte {
	if depth > 1 && h.random.IntN(12) == 0 {
		return append(dst, h.other(key)...)
	}
	switch v := v.(type) {
	case map[string]any:
		return h.object(dst, v, depth)
	case []any:
		dst = append(dst, '[')
		elements := slices.Clone(v)
		if h.random.IntN(8) == 0 && len(elements) > 0 {
			switch at := h.random.IntN(len(elements)); h.random.IntN(3) {
			case 0:
				elements = slices.Delete(elements, at, at+1)
			case 1:
				elements = append(elements, elements[at])
			default:
				elements[0], elements[at] = elements[at], elements[0]
			}
		}
		for i, e := range elements {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = h.write(dst, e, key, depth+1)
		}
		return append(dst, ']')
	default:
		text, _ := json.Marshal(v)
		return append(dst, text...)
	}
}

// object writes an object: members may be missing, twice, or others.
func (h *hostile) object(dst []byte, v map[string]any, depth int) []byte {
	keys := make([]string, 0, len(v))
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	h.random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	dst = append(dst, '{')
	first := true
	member := func(key string, write func([]byte) []byte) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		name, _ := json.Marshal(key)
		dst = write(append(append(dst, name...), ':'))
	}
	if depth > 0 && h.random.IntN(2) == 0 {
		member("_x", func(b []byte) []byte { return append(b, `{"__typename":"`+leak+`","id":"`+leak+`"}`...) })
	}
	for _, key := range h.planted {
		if _, asked := v[key]; depth > 1 && !asked {
			member(key, func(b []byte) []byte { return append(b, `"`+leak+`"`...) })
		}
	}
	for _, key := range keys {
		if depth > 0 && h.random.IntN(20) == 0 {
			continue
		}
		for range 1 + h.random.IntN(8)/7 {
			if key == "data" && !first {
				break
			}
			member(key, func(b []byte) []byte { return h.write(b, v[key], key, depth+1) })
		}
	}
	return append(dst, '}')
}

// other is a value that stands where another should.
func (h *hostile) other(key string) string {
	if key == "__typename" {
		return `"` + h.types[h.random.IntN(len(h.types))] + `"`
	}
	list := []string{
		"null", "true", "-0", "1e999", "12345678901234567890", `""`, `"\ud800"`, "[]", "[[[]]]", "[null]", "{}", `{"__typename":"` + leak + `"}`,
		`[{"_x":"` + leak + `"}]`, `{"_x":{"_x":"` + leak + `"}}`, `{"__typename":"` + h.types[h.random.IntN(len(h.types))] + `","id":1}`,
	}
	return list[h.random.IntN(len(list))]
}

// conforms tells what of a response's value does not fit selections on a type; "" for nothing.
func conforms(v any, on *supergraph.Type, sub []operation.Selection) string {
	object, ok := v.(map[string]any)
	if v == nil {
		return ""
	}
	if !ok {
		return fmt.Sprintf("%v is no object", v)
	}
	fields := map[string][]*operation.Field{}
	gather(fields, sub)
	for key, value := range object {
		named := fields[key]
		if len(named) == 0 {
			return key + " was not selected"
		}
		if value != nil && !slices.ContainsFunc(named, func(f *operation.Field) bool { return !f.Denied }) {
			return key + " is denied"
		}
		problem := ""
		for _, f := range named {
			if problem = fits(value, f.Def.Type, f, named); problem == "" {
				break
			}
		}
		if problem != "" {
			return key + ": " + problem
		}
		if named[0].Def.IsTypename() && !slices.ContainsFunc(on.Possible, func(t *supergraph.Type) bool { return t.Name == value && !t.Inaccessible }) {
			return fmt.Sprintf("%v is no type of %s", value, on.Name)
		}
	}
	return ""
}

func gather(fields map[string][]*operation.Field, sub []operation.Selection) {
	for _, s := range sub {
		switch s := s.(type) {
		case *operation.Field:
			fields[string(s.Key)] = append(fields[string(s.Key)], s)
		case *operation.Fragment:
			gather(fields, s.Sub)
		}
	}
}

// fits tells what of a value is not of the type of a field; below are the selections of all fields of its response key.
func fits(v any, ref supergraph.TypeRef, f *operation.Field, all []*operation.Field) string {
	if v == nil {
		if ref.NonNull {
			return "null"
		}
		return ""
	}
	if ref.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			return "no list"
		}
		for _, e := range list {
			if problem := fits(e, *ref.Elem, f, all); problem != "" {
				return problem
			}
		}
		return ""
	}
	if ref.Named.IsComposite() {
		var sub []operation.Selection
		for _, o := range all {
			sub = append(sub, o.Sub...)
		}
		return conforms(v, ref.Named, sub)
	}
	_, isText := v.(string)
	number, isNumber := v.(float64)
	_, isBool := v.(bool)
	ok := true
	switch ref.Named.Name {
	case "Int":
		ok = isNumber && number == float64(int32(number))
	case "Float":
		ok = isNumber
	case "String", "ID":
		ok = isText && v != leak
	case "Boolean":
		ok = isBool
	}
	if ref.Named.Kind == supergraph.Enum {
		ok = slices.ContainsFunc(ref.Named.EnumValues, func(e *supergraph.EnumValue) bool { return e.Name == v && !e.Inaccessible })
	}
	if !ok {
		return fmt.Sprintf("%v is no %s", v, ref.Named.Name)
	}
	return ""
}
