// Package bench measures whole requests: through the gateway, over real connections to subgraphs that answer from memory.
// Benchmarks of single stages stand beside their code.
//
//	go test ./bench -bench . -benchmem
//
// The figures hold the subgraphs' share, too: they run in the same process, and do nothing but find a recorded answer by
// the request's body and write it. The metric cpu-ns/op is the processor time of the whole process by request, which is
// steadier on a busy machine than the time that passes.
package bench
