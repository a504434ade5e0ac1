//go:build unix

package interop

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// serveYoga starts both subgraphs in GraphQL Yoga and returns their URLs.
func serveYoga(t *testing.T) (people, notes string) {
	t.Helper()
	needs(t, "yoga", "graphql-yoga")
	yoga := serve(t, "yoga", "/health", []string{"HMAC_SECRET=" + extensionSecret, "NODE_ENV=production"}, "subgraphs.mjs", "PORT")
	return yoga.URL + "/people", yoga.URL + "/notes"
}

// signed returns the body of a request with an extension signature. Query and variables are JSON; variables may be empty.
func signed(tb testing.TB, secret, query, variables, extensions string) string {
	tb.Helper()
	key, err := signature.NewKey("extension", []byte(secret))
	if err != nil {
		tb.Fatal(err)
	}
	text, err := signature.AppendCanonicalRequest(nil, []byte(query), []byte(variables))
	if err != nil {
		tb.Fatal(err)
	}
	body := `{"query":` + query
	if variables != "" {
		body += `,"variables":` + variables
	}
	return body + `,"extensions":{` + extensions + `"hmac-signature":"` + string(key.AppendMAC(nil, text)) + `"}}`
}

// encode returns the JSON of a string.
func encode(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err) // it never fails
	}
	return string(encoded)
}

// TestYoga sends GraphQL Yoga what we signed, and what somebody changed after that.
func TestYoga(t *testing.T) {
	t.Parallel()
	people, notes := serveYoga(t)
	const echo = `"query($value:JSON){echo(value:$value)}"`
	const entities = `"query($r:[_Any!]!){_entities(representations:$r){...on Person{seenBy notes(containing:\"K\\u00fcsse\")}}}"`
	identity := `"jwt":{"payload":` + claims + `},`
	for _, tc := range []struct{ url, query, variables, extensions, want string }{
		{people, `"{caller}"`, ``, ``, `{"caller":null}`},
		{people, `"{caller}"`, `{}`, ``, `{"caller":null}`},
		{people, `"{caller}"`, `null`, ``, `{"caller":null}`},
		{people, `"{caller}"`, ``, identity, `{"caller":{"payload":` + claims + `}}`},
		{people, ` "{\u0063aller}\n\t#\u00e9 \/ <&> 😀\ud83d\ude00\u2028" `, ` { } `, identity, `{"caller":{"payload":` + claims + `}}`},
		{people, echo, `{"value":null}`, ``, `{"echo":null}`},
		{people, echo, `{"value":{"b":[null,{}],"a":null,"10":1,"9":[]}}`, ``, `{"echo":{"b":[null,{}],"a":null,"10":1,"9":[]}}`},
		{people, echo, `{"value":[1.0,-0,1e21,1E-7,0.30000000000000004,9007199254740993,5e-324]}`, ``, `{"echo":[1,0,1e21,1e-7,0.30000000000000004,9007199254740992,5e-324]}`},
		{people, echo, `{"value":"é\u00e9\ud83d\ude00<>&\u2028\u007f\u0000\b\/"}`, ``, `{"echo":"éé😀<>&\u2028\u007f\u0000\b/"}`},
		{people, echo, `{"value":1,"another":2}`, ``, `{"echo":1}`},
		{notes, entities, `{"r":[{"__typename":"Person","id":"7"}]}`, identity, `{"_entities":[{"seenBy":{"payload":` + claims + `},"notes":["Grüße & <Küsse> 😀"]}]}`},
	} {
		body := signed(t, extensionSecret, tc.query, tc.variables, tc.extensions)
		status, got := ask(t, tc.url, "", []byte(body))
		if status != http.StatusOK {
			t.Errorf("%s: got %d %s", body, status, got)
			continue
		}
		sameJSON(t, got, `{"data":`+tc.want+`}`)
	}

	random := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		text, value := randomString(random), randomJSON(random, 4)
		query := encode(`query($value: JSON) { echo(value: $value) text: echo(value: ` + text + `) }`)
		status, got := ask(t, people, "", []byte(signed(t, extensionSecret, query, `{"value":`+value+`}`, ``)))
		if status != http.StatusOK {
			t.Errorf("%s with %s: got %d %s", query, value, status, got)
			continue
		}
		sameJSON(t, got, `{"data":{"echo":`+value+`,"text":`+text+`}}`)
	}

	good := signed(t, extensionSecret, echo, `{"value":1}`, ``)
	for _, forged := range []string{
		`{"query":"{caller}"}`,
		signed(t, strings.ToUpper(extensionSecret), echo, `{"value":1}`, ``),
		strings.Replace(good, `"value":1`, `"value":2`, 1),
		strings.Replace(good, `"value":1`, `"value":1,"x":1`, 1),
		strings.Replace(good, `{echo`, `{ echo`, 1),
		strings.Replace(good, `"hmac-signature":"`, `"hmac-signature":"A`, 1),
	} {
		status, got := ask(t, people, "", []byte(forged))
		if strings.Contains(got, `"data"`) || !strings.Contains(got, `"errors"`) {
			t.Errorf("%s: got %d %s", forged, status, got)
		}
	}
}

// TestCanonicalAsYoga compares the texts of random requests with those that GraphQL Yoga verifies.
func TestCanonicalAsYoga(t *testing.T) {
	t.Parallel()
	needs(t, "yoga", "graphql-yoga")
	random := rand.New(rand.NewPCG(9, 10))
	type request struct{ query, variables string }
	requests := make([]request, 10_000)
	bodies := make([]string, len(requests))
	for i := range requests {
		r := request{query: randomString(random)}
		body := `{"query":` + r.query
		switch random.IntN(8) {
		case 0:
		case 1:
			r.variables = []string{"null", "{}", " {\n}\t"}[random.IntN(3)]
			body += `,"variables":` + r.variables
		default:
			names := []string{`"__proto__"`, `"constructor"`, `"toJSON"`, `"length"`, `"a"`, `"A"`, `"\u0061b"`}
			r.variables = randomObject(random, 5, func() string { return names[random.IntN(len(names))] })
			body += `,"variables":` + r.variables
		}
		requests[i], bodies[i] = r, body+"}"
	}
	in, err := json.Marshal(bodies)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := json.Unmarshal(script(t, "yoga", in, "canonical.mjs"), &want); err != nil || len(want) != len(requests) {
		t.Fatal(len(want), err)
	}
	for i, r := range requests {
		got, err := signature.AppendCanonicalRequest(nil, []byte(r.query), []byte(r.variables))
		if err != nil || string(got) != want[i] {
			t.Errorf("%s\ngot  %s, %v\nwant %s", bodies[i], got, err, want[i])
		}
	}
}
