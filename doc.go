// Package gatehouse is the root of a GraphQL Federation 2 gateway. It takes a composed supergraph, plans each
// operation over the subgraphs, lets every caller see only the fields that @authenticated, @requiresScopes and
// @policy allow, and forwards the verified caller to subgraphs in signed requests.
//
// The package has no code. The binary is cmd/gatehouse; its stages are the packages gateway, authz, operation,
// supergraph, planner, executor and upstream. Authors of subgraphs in Go import the package subgraph, and nothing
// else of this module. The tests of this package hold the rules of the whole tree: who may import whom, how large
// things may grow, and what must be documented.
package gatehouse
