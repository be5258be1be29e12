import { expect, test } from "vitest";
import { Pace, partsNamed, plan, sameness } from "../src/upload_plan";

const file = (path: string, size = 10): { path: string; size: number } => ({ path, size });
const names = (files: readonly { path: string }[]): string[] => files.map((one) => one.path);

test("each file of one scanner's format is a slide", () => {
  const { slides, problems, skipped } = plan([file("a.svs"), file("b.NDPI"), file("notes.txt"), file("c.docx")]);
  expect(slides.map((slide) => slide.name)).toEqual(["a.svs", "b.NDPI"]);
  expect([problems, skipped]).toEqual([[], ["notes.txt", "c.docx"]]);
});

test("a MIRAX slide is its file and its folder, wherever they lie", () => {
  const own = ["scan/HE.mrxs", "scan/HE/Slidedat.ini", "scan/HE/Index.dat", "scan/HE/Data0000.dat"];
  const { slides, skipped } = plan([...own.map((path) => file(path)), file("scan/PAS.svs"), file("scan/Thumbs.db")]);
  expect(slides.map((slide) => names(slide.files))).toEqual([own, ["scan/PAS.svs"]]);
  expect(skipped).toEqual(["Thumbs.db"]);
});

test("what is missing of a MIRAX slide is told before anything is sent", () => {
  expect(plan([file("HE.mrxs")]).problems).toEqual([{ kind: "missing-folder", name: "HE.mrxs", folder: "HE" }]);
  const { slides, problems } = plan([file("HE.mrxs"), file("HE/Data0000.dat")]);
  expect([slides, problems]).toEqual([[], [{ kind: "missing-index", name: "HE.mrxs" }]]);
});

test("MIRAX' index says which parts there are", () => {
  const index = "\ufeff[GENERAL]\r\nSLIDE_ID = 1\r\n[HIERARCHICAL]\r\nINDEXFILE = Index.dat\r\n"
    + "[DATAFILE]\r\nFILE_COUNT = 2\r\nFILE_0 = Data0000.dat\r\nFILE_1 = Data0001.dat\r\n[X]\r\nFILE_2 = no.dat\r\n";
  expect(partsNamed(index)).toEqual(["Index.dat", "Data0000.dat", "Data0001.dat"]);
  expect(partsNamed("nonsense")).toEqual([]);
});

test("the instances of one folder are one DICOM slide, with or without a suffix", () => {
  const { slides } = plan(["d/1.dcm", "d/2.dcm", "e/IM001", "e/IM002"].map((path) => file(path)));
  expect(slides.map((slide) => [slide.name, slide.files.length])).toEqual([["d", 2], ["e", 2]]);
});

test("a Hamamatsu index goes with what lies beside it", () => {
  const { slides } = plan([file("v/s.vms"), file("v/s.jpg"), file("v/s.opt")]);
  expect(slides.map((slide) => names(slide.files))).toEqual([["v/s.vms", "v/s.jpg", "v/s.opt"]]);
});

test("an empty file is told, and a single file of any kind is tried", () => {
  expect(plan([file("a.svs", 0)])).toEqual({ slides: [], problems: [{ kind: "empty-file", name: "a.svs" }], skipped: [] });
  expect(plan([file("strange")]).slides).toHaveLength(1);
});

test("a format that the service would refuse is told before a byte of it is sent", () => {
  const own = ["_x_/stack1/frame_t.ets", "x.vsi", "_x_/stack2/frame_t.ets", "b.iSyntax"];
  const { slides, problems, skipped } = plan(own.map((path) => file(path)));
  expect([slides, skipped]).toEqual([[], []]);
  expect(problems).toEqual([
    { kind: "foreign", name: "x.vsi", format: "VSI" },
    { kind: "foreign", name: "b.iSyntax", format: "iSyntax" },
  ]);
  expect(plan([file("x.vsi")]).problems).toHaveLength(1);
});

test("the same files are known again from another folder", () => {
  expect(sameness([file("x/a.svs"), file("x/b.svs")])).toBe(sameness([file("b.svs"), file("y/z/a.svs")]));
  expect(sameness([file("a.svs", 1)])).not.toBe(sameness([file("a.svs", 2)]));
});

test("the pace is that of the last half minute, and unknown after a pause", () => {
  const pace = new Pace();
  expect(pace.left(100)).toBeUndefined();
  for (let second = 0; second <= 60; second++) pace.told(second * 1_000_000, second * 1000);
  expect(pace.perSecond).toBeCloseTo(1_000_000, -3);
  expect(pace.left(5_000_000)).toBeCloseTo(5, 1);
  for (let second = 61; second <= 120; second++) pace.told(60_000_000 + (second - 60) * 100_000, second * 1000);
  expect(pace.perSecond).toBeLessThan(300_000);
  pace.rest();
  expect(pace.left(1)).toBeUndefined();
});
