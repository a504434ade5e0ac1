// Package executor runs plans: it fetches from subgraphs as soon as the inputs of a fetch are there, decodes the answers
// straight into slots, merges entities, and writes the response in the client's order with null propagation.
//
// A plan is compiled once into a Program, which is immutable and shared by all requests. What happens during one request
// lives in a run that one goroutine, the caller of Execute, owns: it prepares requests and merges answers, so the response
// tree needs no locks. Other goroutines only make calls.
//
// Values are small and free of pointers. Objects and lists lie in one slab; a scalar is a place in the bytes that a
// subgraph sent. Subgraphs' bytes are scanned once, checked while they are scanned, and copied once into the response.
package executor
