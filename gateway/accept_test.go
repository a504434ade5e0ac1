package gateway

import "testing"

func TestNegotiate(t *testing.T) {
	t.Parallel()
	const plain, response, none = "application/json", "application/graphql-response+json", "-"
	for _, tc := range []struct {
		accept []string
		want   string
	}{
		{nil, plain},
		{[]string{""}, plain},
		{[]string{"*/*"}, plain},
		{[]string{"application/*"}, plain},
		{[]string{"application/json"}, plain},
		{[]string{"Application/JSON; charset=UTF-8"}, plain},
		{[]string{"application/graphql-response+json"}, response},
		{[]string{"application/graphql-response+json; charset=utf-8, application/json;q=0.9"}, response},
		{[]string{"application/graphql-response+json", "application/json"}, response},
		{[]string{"application/json, application/graphql-response+json"}, plain},
		{[]string{"application/json;q=0.5, application/graphql-response+json"}, response},
		{[]string{"application/json, application/graphql-response+json;q=0.5"}, plain},
		{[]string{"text/html, */*;q=0.1"}, plain},
		{[]string{"*/*, application/graphql-response+json"}, response},
		{[]string{"*/*, application/graphql-response+json;q=0.5"}, plain},
		{[]string{"application/json;q=0, */*"}, response},
		{[]string{"application/graphql-response+json;q=0, */*"}, plain},
		{[]string{"text/html"}, none},
		{[]string{"application/json;q=0"}, none},
		{[]string{"application/json;q=2"}, none},
		{[]string{"application/json; charset=utf-16"}, none},
		{[]string{"*/*;q=0"}, none},
		{[]string{", ;,"}, none},
	} {
		f, ok := negotiate(tc.accept)
		got := none
		if ok {
			got = mediaTypes[f]
		}
		if got != tc.want {
			t.Errorf("Accept %q: %s, want %s", tc.accept, got, tc.want)
		}
	}
}
