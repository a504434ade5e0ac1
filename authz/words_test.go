package authz

import (
	"slices"
	"strconv"
	"testing"
)

// TestWords: only a space is between two scopes, or policies.
func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"a admin": {"a", "admin"}, "  admin ": {"admin"}, "": {}, " ": {},
		"a\u00a0admin": {"a\u00a0admin"}, "a\tadmin": {"a\tadmin"}, "a\nadmin": {"a\nadmin"}, "a\u2028admin": {"a\u2028admin"}, "a\u0085admin": {"a\u0085admin"},
	} {
		scope := mustPath(t, "scope")
		id, err := NewIdentity([]byte(`{"scope":`+strconv.QuoteToASCII(text)+`}`), scope)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		if !slices.Equal(id.Scopes(), want) {
			t.Errorf("%q: the scopes are %q", text, id.Scopes())
		}
		granted, err := claimPolicy{scope}.Decide(t.Context(), id, nil)
		if slices.Sort(granted); err != nil || !slices.Equal(granted, want) {
			t.Errorf("%q: the policies are %q, %v", text, granted, err)
		}
	}
}
