package supergraph_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestErrors has one mistake per case, in the second line after an @ in place of the header.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ sdl, want string }{
		"syntax":                  {`type T { x: }`, `2:13: unexpected token`},
		"syntax at the end":       {`type T @x type`, `4:6: unexpected literal`},
		"never closed":            {`type T { x: Int`, `2:8: '{' is never closed`},
		"closes nothing":          {`type T ]`, `2:8: ']' closes nothing`},
		"string without end":      {`"abc type T { x: Int }`, `2:1: string without an end`},
		"block without end":       {`"""abc type T { x: Int }`, `2:1: block string without an end`},
		"control character":       {"type T\x01", `2:7: control character U+0001`},
		"NUL":                     {"type T { x: Int }\x00 type U @authenticated", `not UTF-8 text`},
		"not UTF-8":               {"\xff", `not UTF-8 text`},
		"ambiguous block string":  {`""" C:\\""" """`, `2:1: block string with a backslash`},
		"nested types":            {`type T { x: ` + strings.Repeat("[", 200) + "Int" + strings.Repeat("]", 200) + ` }`, `more than 100 levels`},
		"operation":               {`query { a }`, `neither operations nor extensions`},
		"extension":               {`extend type Query { b: Int }`, `2:13: a supergraph has neither`},
		"name":                    {`type T- { x: Int }`, `2:6: "T-" is not a name`},
		"reserved":                {`type __T { x: Int }`, `2:6: __T: names that begin with __`},
		"reserved field":          {`type T { __typename: Int }`, `2:10: T.__typename: names that begin with __`},
		"redefined introspection": {`type __Type { x: Int }`, `2:6: __Type: this type is defined twice`},
		"twice":                   {`type T { x: Int } type T { x: Int }`, `2:24: T: this type is defined twice`},
		"field twice":             {`type T { x: Int x: Int }`, `2:17: T.x: this is defined twice`},
		"argument twice":          {`type T { x(a: Int a: Int): Int }`, `2:19: T.x(a:): this is defined twice`},
		"value twice":             {`enum T { x x }`, `2:12: T.x: this is defined twice`},
		"value true":              {`enum T { true }`, `2:10: T.true: no enum value`},
		"unknown type":            {`type T { x: Nope }`, `2:13: T.x: unknown type Nope`},
		"unknown argument type":   {`type T { x(a: [Nope!]): Int }`, `2:16: T.x(a:): unknown type Nope`},
		"output as input":         {`type T { x(a: T): Int }`, `2:12: T.x(a:): an input cannot have the output type T`},
		"input as output":         {`input F { x: Int } type T { x: F }`, `2:29: T.x: a field cannot have the input type F`},
		"default with variable":   {`type T { x(a: Int = $v): Int }`, `2:12: T.x(a:): a constant value`},
		"default not a number":    {`type T { x(a: Int = 1.): Int }`, `2:12: T.x(a:): "1." is not a number`},
		"unknown subgraph":        {`type T @join__type(graph: Z) { x: Int }`, `2:9: T: @join__type: there is no subgraph Z`},
		"field without parent":    {`type T @join__type(graph: A) { x: Int @join__field(graph: B) }`, `2:40: T.x: subgraph b has the field but not T`},
		"overridden in a circle":  {overriding(`@join__field(graph: A, override: "b") @join__field(graph: B, override: "a")`), `T.x: subgraph a overrides the field of b, which overrides it, too`},
		"overridden in a chain":   {overriding(`@join__field(graph: C, override: "a") @join__field(graph: A, override: "b") @join__field(graph: B)`), `T.x: subgraph c overrides the field of a, which`},
		"chain with a label":      {overriding(`@join__field(graph: B) @join__field(graph: A, override: "b") @join__field(graph: C, override: "a", overrideLabel: "percent(5)")`), `T.x: subgraph c overrides the field of a, which`},
		"subgraph twice":          {`type T @join__type(graph: A) { x: Int @join__field(graph: A) @join__field(graph: A) }`, `2:63: T.x: subgraph a is given twice`},
		"unknown joined type":     {`type T @join__type(graph: A) { x: Int @join__field(graph: A, type: "[Nope") }`, `2:40: T.x: @join__field: "[Nope" is not a known type`},
		"not an interface":        {`type T implements U { x: Int } type U { x: Int }`, `2:19: T: U is not an interface`},
		"not an interface there":  {`type T @join__type(graph: A) @join__implements(graph: A, interface: "U") { x: Int }`, `2:31: T: "U" is not an interface`},
		"not a member":            {`union U = F input F { x: Int }`, `2:11: U: F is not an object type`},
		"not a member there":      {`union U @join__type(graph: A) @join__unionMember(graph: A, member: "F") = Query`, `2:32: U: "F" is not a member in subgraph a`},
		"interface object":        {`type T @join__type(graph: A, isInterfaceObject: true) { x: Int }`, `2:9: T: only an interface can be an interface object`},
		"key: unknown field":      {`type T @join__type(graph: A, key: "id o { z }") { id: Int o: T }`, `2:9: T: @join__type(key: "id o { z }"): T has no field z`},
		"key: leaf":               {`type T @join__type(graph: A, key: "o") { o: T }`, `T.o has type T: fields of it must be selected`},
		"key: not a leaf":         {`type T @join__type(graph: A, key: "o { x }") { o: Int }`, `T.o has type Int: fields of it`},
		"key: syntax":             {`type T @join__type(graph: A, key: "o {") { o: T }`, `2:9: T: @join__type(key: "o {"): '{' is never closed`},
		"key: two operations":     {`type T @join__type(graph: A, key: "o } { o") { o: Int }`, `T: @join__type(key: "o } { o"): not one selection`},
		"key: alias":              {`type T @join__type(graph: A, key: "p: o") { o: Int }`, `T.o: aliases and directives are not allowed`},
		"key: fragment":           {`type T @join__type(graph: A, key: "...F") { o: Int }`, `named fragments are not allowed`},
		"key: unknown condition":  {`type T @join__type(graph: A, key: "... on Z { o }") { o: Int }`, `unknown type Z`},
		"key: deep":               {`type T @join__type(graph: A, key: "` + strings.Repeat("o{", 200) + strings.Repeat("}", 200) + `") { o: T }`, `more than 100 levels`},
		"key on a union":          {`union U @join__type(graph: A, key: "__typename") = Query`, `2:10: U: a key needs an object or interface type`},
		"requires: argument":      {`type T @join__type(graph: A) { o(a: Int): Int x: Int @join__field(graph: A, requires: "o(b: 1)") }`, `2:55: T.x: @join__field(requires: "o(b: 1)"): T.o has no argument b`},
		"requires: variable":      {`type T @join__type(graph: A) { o(a: Int): Int x: Int @join__field(graph: A, requires: "o(a: $b)") }`, `T.o(a:): variables are not allowed`},
		"context: unknown field":  {`extend schema @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY) type T @join__type(graph: A) @context(name: "a__c") { x: Int @join__field(graph: A, contextArguments: [{context: "a__c", name: "y", type: "Int", selection: "{ z }"}]) }`, `T.x: @join__field(contextArguments: " z "): T has no field z`},
		"provides: leaf":          {`type T @join__type(graph: A) { x: Int @join__field(graph: A, provides: "a") }`, `T.x: @join__field(provides: "a"): Int has no fields`},
		"rule on an argument":     {`type T @join__type(graph: A) { x(a: Int @authenticated): Int }`, `2:42: @authenticated has no effect here`},
		"rule on a union":         {`union U @authenticated = Query`, `2:10: @authenticated has no effect here`},
		"rule on a subgraph":      {`scalar S @join__directive(graphs: [A], name: "federation__authenticated")`, `carries @federation__authenticated`},
		"rule without argument":   {`scalar S @policy`, `2:11: S: @policy has no argument policies`},
		"rule not a string":       {`scalar S @policy(policies: [["a", b]])`, `2:11: S: @policy: b is not a string`},
		"rule with null":          {`scalar S @policy(policies: [null])`, `2:11: S: @policy: null is not a string`},
		"rule twice":              {`scalar S @policy(policies: []) @policy(policies: [])`, `2:33: S: @policy is given twice`},
		"rule's argument twice":   {`scalar S @policy(policies: ["a"], policies: ["b"])`, `2:11: @policy has an argument twice`},
		"API: field":              {`scalar S @inaccessible type T { x: [S!] }`, `2:33: T.x: the field is not inaccessible, but its type S is`},
		"API: argument":           {`scalar S @inaccessible type T { x(a: S): Int }`, `2:33: T.x(a:): this is not inaccessible, but its type S is`},
		"API: required argument":  {`type T { x(a: Int! @inaccessible): Int }`, `2:10: T.x(a:): this is inaccessible, but required`},
		"API: no fields":          {`type T { x: Int @inaccessible }`, `2:6: T: the type has nothing that is accessible`},
		"API: no values":          {`enum T { x @inaccessible }`, `2:6: T: the type has nothing that is accessible`},
		"API: no members":         {`union U = T type T @inaccessible { x: Int }`, `2:7: U: the type has nothing that is accessible`},
		"API: interface field":    {`interface I { x: Int } type T implements I { x: Int @inaccessible y: Int }`, `2:29: T: the type implements I but has no accessible field x`},
		"API: interface argument": {`interface I { x(a: Int): Int } type T implements I { x(a: Int @inaccessible): Int }`, `2:37: T.x: the field has no accessible argument a, as I.x has`},
		"API: interface type":     {`interface I { x: Int! } type T implements I { x: Int }`, `2:30: T.x: the field has type Int, which does not fit Int! of I.x`},
		"API: default value":      {`enum E { A B @inaccessible } type T { x(a: [E] = [A, B]): Int }`, `2:41: E.B: a default value uses this`},
		"API: default field":      {`input F { a: Int b: Int @inaccessible } type T { x(a: F = {b: 1}): Int }`, `2:52: F.b: a default value uses this`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The header is one line here, so that the mistake is in the second.
			sdl := strings.ReplaceAll(header, "\n", " ") + "\n" + tc.sdl
			if !strings.Contains(tc.want, "never closed") || strings.Contains(tc.sdl, "key") {
				sdl += "\n" + graphs + query
			}
			wantError(t, sdl, tc.want)
		})
	}
}

// overriding is a type with a field that three subgraphs may have.
func overriding(fields string) string {
	return `type T @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) { x: Int ` + fields + ` }`
}

func TestSchemaErrors(t *testing.T) {
	t.Parallel()
	link := "schema " + join
	for name, tc := range map[string]struct{ sdl, want string }{
		"empty":             {"", "not a supergraph: the schema has no @link"},
		"no subgraphs":      {link + " { query: Query } type Query { a: Int }", "it names no subgraphs"},
		"subgraph unnamed":  {link + " { query: Query } enum join__Graph { A } type Query { a: Int }", "1:109: A is not a subgraph with a name of its own"},
		"subgraph twice":    {link + " { query: Query } enum join__Graph { A @join__graph(name: \"a\") B @join__graph(name: \"a\") } " + query, "B is not a subgraph"},
		"no query":          {link + " { mutation: T }" + graphs + "type T { x: Int }", "the schema has no query type"},
		"no such mutation":  {link + " { query: Query mutation: M }" + graphs + query, "M: this root operation type does not exist"},
		"two queries":       {link + " { query: Query query: Query }" + graphs + query, "1:95: this root operation is given twice"},
		"one root twice":    {link + " { query: Query mutation: Query }" + graphs + query, "the root operation types must be different"},
		"query is no type":  {link + " { query: Q } scalar Q" + graphs, "Q: a root operation type must be an object type"},
		"query hidden":      {link + " @link(url: " + spec + "inaccessible/v0.2\") { query: Query } type Query @inaccessible { a: Int } " + graphs, "Query: the query type is inaccessible"},
		"introspected root": {link + " { query: __Schema }" + graphs, "must be an object type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, tc.sdl, tc.want)
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := supergraph.Parse([]byte(header + graphs + query + "type T { x: X y: Y }\ntype U { z: Z }"))
	want := "18:13: T.x: unknown type X\n18:18: T.y: unknown type Y\n19:13: U.z: unknown type Z"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	_, err = supergraph.Parse([]byte(header + graphs + query + "type T { " + strings.Repeat("x: X ", 100) + "}"))
	if n := strings.Count(err.Error(), "\n"); n != 50 || !strings.HasSuffix(err.Error(), "and 49 more problems") {
		t.Errorf("%d lines:\n%v", n, err)
	}
}
