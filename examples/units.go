package examples

import "fmt"

// InUnits is a number of bytes as people read it: "1.5 MB".
func InUnits(bytes int64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes)/1000, 0
	for ; value >= 999.95 && unit < len("kMGTPE")-1; unit++ {
		value /= 1000
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTPE"[unit])
}
