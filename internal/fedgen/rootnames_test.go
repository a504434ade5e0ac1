package fedgen

import "strings"

// usualRoots is the SDL of a subgraph with the usual names of root types.
func usualRoots(sdl string) string {
	before, rest, found := strings.Cut(sdl, "schema { query: ")
	if !found {
		return sdl
	}
	_, after, _ := strings.Cut(rest, "}\n")
	return before + strings.NewReplacer(" "+ownRoot+"Query ", " Query ", " "+ownRoot+"Mutation ", " Mutation ").Replace(after)
}
