// Package subgraphs holds the supergraph that compose/ makes of the example subgraphs in shop/.
package subgraphs

import _ "embed" // for the supergraph

// Supergraph is the composed supergraph of the shop, with its auth directives; its routing URLs are those of the subgraphs
// when each is run alone.
//
//go:embed supergraph.graphql
var Supergraph []byte
