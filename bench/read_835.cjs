// Two libraries cutting an 835: `node read_835.cjs LIBRARY FILE CLAIMS` prints CPU seconds and kilobytes as JSON.
const fs = require('fs')

const [library, file, claims] = [process.argv[2], process.argv[3], Number(process.argv[4])]

async function xParser () {
  const { X12parser } = require('x12-parser')
  let found = 0
  const parser = new X12parser()
  fs.createReadStream(file).pipe(parser)
  for await (const segment of parser) if (segment.name === 'CLP') found++
  return found
}

async function nodeX12 () {
  const { X12Parser } = require('node-x12')
  const interchange = new X12Parser(true).parse(fs.readFileSync(file, 'utf8'))
  const set = interchange.functionalGroups[0].transactions[0]
  return set.segments.filter(segment => segment.tag === 'CLP').length
}

async function main () {
  const work = { 'x12-parser': xParser, 'node-x12': nodeX12 }[library]
  const before = process.memoryUsage().rss
  let best = Infinity
  for (let round = 0; round < (claims <= 10000 ? 3 : 1); round++) {
    const started = process.cpuUsage()
    const found = await work()
    const used = process.cpuUsage(started)
    if (found !== claims) throw new Error(`${library} found ${found} claims`)
    best = Math.min(best, (used.user + used.system) / 1e6)
  }
  const peak = process.resourceUsage().maxRSS
  console.log(JSON.stringify({ seconds: best, peak, growth: peak - before / 1024 }))
}

main()
