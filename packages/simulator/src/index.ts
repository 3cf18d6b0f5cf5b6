export { createRoadNet, type RoadNetOptions } from './create-road-net.ts';
export { roadClasses, type RoadClass, type RoadNet } from './road-net.ts';
export { demoZones } from './demo-zones.ts';
export { extent } from './shanghai.ts';
export { createSimulator, demoLimitsKph, type Simulator, type SimulatorOptions } from './simulator.ts';
export type { MessShares } from './mess.ts';
export { SimulatedGateway, type PartitionFrame } from './simulated-gateway.ts';
