// Package rulebook holds what the documentation and the specifications of federation say as cases: small federations with
// data, operations, and the answers that a reader of the documentation expects. Each case is composed by both composers that
// people use, and the gateway answers over HTTP, in front of subgraphs that answer from the case's data and notice what a
// gateway must not send.
//
// The package has tests only. rules_test.go maps each rule to its cases, here and in planner/testdata. A new case is composed
// with Node, after "npm install" in compose: go test . -run TestCompose -update.
package rulebook
