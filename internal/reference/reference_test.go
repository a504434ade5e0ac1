package reference_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// named is an object that has nothing but its type.
type named string

func (n named) Typename() string { return string(n) }

// guard denies one coordinate.
type guard struct {
	schema *ast.Schema
	denied string
}

func (g guard) Allowed(on, field string) bool { return on+"."+field != g.denied }

func (g guard) Narrower(on, condition string) string {
	if condition == "" {
		return on
	}
	return condition
}

func (g guard) Returns(on, field string) string {
	return g.schema.Types[on].Fields.ForName(field).Type.Name()
}

// TestExecution: what the specification says, by examples that were worked out by hand.
func TestExecution(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { pets: [Pet] strict: [Pet!] sum(of: [Int!] = [1, 2]): String fails: String mustNot: Cat hidden: Pet color: Color }
		interface Pet { name: String }
		type Cat implements Pet { name: String lives: Int! }
		type Dog implements Pet { name: String barks: Boolean }
		enum Color { RED }`})
	resolve := func(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
		switch f.Name {
		case "pets":
			return []any{named("Cat"), named("Dog"), nil}, nil
		case "strict":
			return []any{named("Dog"), nil}, nil
		case "sum":
			return fmt.Sprint(args["of"]), nil
		case "fails":
			return nil, errors.New("as told")
		case "mustNot":
			return named("Cat"), nil
		case "hidden":
			return named("Parrot"), nil
		case "color":
			return "BLUE", nil
		case "name":
			return parent.Typename(), nil
		default:
			return nil, nil
		}
	}
	for _, tc := range []struct{ document, denied, data, faults string }{
		{
			"{pets{...on Cat{lives} ...on Dog{barks} name __typename}}", "",
			`{"pets":[null,{"barks":null,"name":"Dog","__typename":"Dog"},null]}`, "[{[pets 0 lives] null for a Int!}]",
		},
		{"{b:fails a:fails}", "", `{"b":null,"a":null}`, "[{[b] as told} {[a] as told}]"},
		{"{strict{name}}", "", `{"strict":null}`, "[{[strict 1] null for a Pet!}]"},
		{"{mustNot{lives}}", "", `{"mustNot":null}`, "[{[mustNot lives] null for a Int!}]"},
		{"query($n:[Int!]=3,$no:Boolean=false){sum(of:$n) x:sum @include(if:$no) y:sum @skip(if:$no)}", "", `{"sum":"[3]","y":"[1 2]"}`, "[]"},
		{"{hidden{name} color}", "", `{"hidden":null,"color":null}`, "[{[color] an inaccessible value}]"},
		{"{...F pets{n:name}} fragment F on Query{pets{name}}", "", `{"pets":[{"name":"Cat","n":"Cat"},{"name":"Dog","n":"Dog"},null]}`, "[]"},
		{"{pets{name ...on Dog{name}}}", "Pet.name", `{"pets":[{"name":null},{"name":"Dog"},null]}`, "[]"},
		{"{mustNot{lives name}}", "Cat.lives", `{"mustNot":null}`, "[]"},
	} {
		query, errs := gqlparser.LoadQueryWithRules(schema, tc.document, nil)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		op := query.Operations[0]
		e := &reference.Execution{Schema: schema, Variables: reference.VariableValues(schema, op, nil), Resolve: resolve}
		if tc.denied != "" {
			e.Guard = guard{schema, tc.denied}
		}
		data, err := json.Marshal(e.Run(op, named("Query")))
		if err != nil {
			t.Fatal(err)
		}
		if string(data) != tc.data || fmt.Sprint(e.Faults) != tc.faults {
			t.Errorf("%s: %s %v, want %s %s", tc.document, data, e.Faults, tc.data, tc.faults)
		}
	}
}
