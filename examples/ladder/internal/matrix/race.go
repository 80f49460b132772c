//go:build race

package matrix

// RaceDetector says whether this program was built with it.
const RaceDetector = true
