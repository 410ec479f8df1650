import { describeBackplaneContract, MemoryBackplanes } from "../../src/index.js";

describeBackplaneContract("in memory", {
  makeGroup: (limits) => {
    const network = new MemoryBackplanes({ nodes: 3, ...limits });
    return Promise.resolve({
      join: (index) => Promise.resolve(network.join(String(index))),
      kill: (index) => {
        network.kill(String(index));
        return Promise.resolve();
      },
      dispose: () => {
        for (const node of network.nodes) network.kill(node);
        return Promise.resolve();
      },
    });
  },
});
