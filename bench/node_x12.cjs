// node-x12 writing ready segments: `node node_x12.cjs SEGMENTS.json SIZE` prints CPU seconds and kilobytes as JSON.
const fs = require('fs')
const { X12Interchange, X12SerializationOptions } = require('node-x12')

const [file, size] = [process.argv[2], Number(process.argv[3])]
const { header, group, sets } = JSON.parse(fs.readFileSync(file, 'utf8'))

function work () {
  const marks = { elementDelimiter: '*', segmentTerminator: '~', subElementDelimiter: ':', repetitionDelimiter: '^' }
  const interchange = new X12Interchange(new X12SerializationOptions(marks))
  interchange.setHeader(header)
  const functionalGroup = interchange.addFunctionalGroup()
  functionalGroup.setHeader(group)
  for (let number = 0; number < size; number++) {
    const [head, ...body] = sets[number % sets.length]
    const set = functionalGroup.addTransaction()
    set.setHeader(head.slice(1))
    for (const [tag, ...elements] of body) set.addSegment(tag, elements)
  }
  return interchange.toString()
}

const before = process.memoryUsage().rss
let best = Infinity
for (let round = 0; round < (size <= 10000 ? 3 : 1); round++) {
  const started = process.cpuUsage()
  work()
  const used = process.cpuUsage(started)
  best = Math.min(best, (used.user + used.system) / 1e6)
}
const peak = process.resourceUsage().maxRSS
console.log(JSON.stringify({ seconds: best, peak, growth: peak - before / 1024 }))
