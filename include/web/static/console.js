// What Airflow loads: the Claims page in a frame, at the clinic and run that are on the screen.
globalThis.Claims = ({ dagId, runId }) => {
  const base = new URL(document.baseURI).pathname.replace(/\/$/, "");
  const asked = new URLSearchParams({ bare: 1, ...(dagId && { dag_id: dagId }), ...(runId && { run_id: runId }) });
  const place = dagId ? `run?${asked}` : decodeURIComponent(window.location.hash.slice(1));
  return globalThis.React.createElement("iframe", {
    src: `${base}/claims/${place}`,
    title: "Claims",
    style: { border: 0, width: "100%", height: dagId ? "75vh" : "calc(100vh - 1rem)" },
  });
};
