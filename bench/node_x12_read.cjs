// node-x12 reading a file into its objects: `node node_x12_read.cjs FILE` prints CPU seconds and kilobytes as JSON.
const fs = require('fs')
const { X12Parser } = require('node-x12')

const text = fs.readFileSync(process.argv[2], 'utf8')
const before = process.memoryUsage().rss
let best = Infinity
for (let round = 0; round < 3; round++) {
  const started = process.cpuUsage()
  new X12Parser(true).parse(text)
  const used = process.cpuUsage(started)
  best = Math.min(best, (used.user + used.system) / 1e6)
}
const peak = process.resourceUsage().maxRSS
console.log(JSON.stringify({ seconds: best, peak, growth: peak - before / 1024 }))
